"""The tree of accounts and its people, as API clients of Canvas ask for them."""

import pytest

from accounts.models import OpenState
from accounts.roles import Base
from tests.api.caller import Caller, bearer_of, session_of
from tests.api.test_listing import links, walk
from tests.cast import School, enroll, person, role


def names(caller: Caller, path: str) -> list[str]:
    return [row["name"] for row in caller.get(path).body]


def test_one_lists_the_accounts_in_which_one_holds_a_right(school: School) -> None:
    assert names(bearer_of(school.admin), "accounts") == [school.root.name]
    assert names(bearer_of(school.arts_admin), "accounts") == ["Faculty of Arts"]
    assert names(bearer_of(school.teacher), "accounts") == []
    assert names(bearer_of(school.outsider), "accounts") == []


def test_an_account_has_canvas_fields(school: School) -> None:
    assert bearer_of(school.arts_admin).get(f"accounts/{school.arts.pk}").body == {
        "id": school.arts.pk,
        "name": "Faculty of Arts",
        "parent_account_id": school.root.pk,
        "root_account_id": school.root.pk,
        "sis_account_id": None,
        "workflow_state": "active",
    }
    root = bearer_of(school.admin).get("accounts/self").body
    assert (root["id"], root["parent_account_id"], root["root_account_id"]) == (school.root.pk, None, None)


def test_a_right_reaches_down_and_never_up_or_aside(school: School) -> None:
    assert names(bearer_of(school.admin), "accounts/self/sub_accounts") == ["Faculty of Arts", "Faculty of Science"]
    arts_admin = bearer_of(school.arts_admin)
    unseen = [school.root.pk, school.science.pk, "self", 999_999, "0", "-1", "x", "%00", "9" * 19]
    answers = [arts_admin.get(f"accounts/{who}{tail}") for who in unseen for tail in ("", "/sub_accounts", "/users")]
    assert {answer.refusal for answer in answers} == {(404, "not_found")}


def test_deleted_accounts_are_listed_nowhere(school: School) -> None:
    type(school.arts).objects.filter(pk=school.arts.pk).update(state=OpenState.DELETED)
    assert names(bearer_of(school.admin), "accounts/self/sub_accounts") == ["Faculty of Science"]


def test_the_people_of_an_account_are_those_at_home_below_it(school: School) -> None:
    logins = {row["login_id"] for row in bearer_of(school.arts_admin).get(f"accounts/{school.arts.pk}/users").body}
    assert logins == {"student", "other-student", "teacher", "arts-admin"}
    everybody = {row["login_id"] for row in bearer_of(school.admin).get("accounts/self/users?per_page=50").body}
    assert everybody >= logins | {"outsider", "science-admin", "admin"}


@pytest.mark.parametrize("term", ["other-stud", "OTHER-STUDENT@", "S-77", "Other Student"])
def test_people_are_found_by_name_sign_in_e_mail_and_sis_id(school: School, term: str) -> None:
    school.other_student.sis_user_id = "S-77"
    school.other_student.save()
    assert names(session_of(school.admin), f"accounts/self/users?search_term={term}") == ["Other Student"]


def test_people_come_in_pages_that_keep_the_search(school: School) -> None:
    everybody = [person(f"walker-{number}").pk for number in range(5)]
    admin = session_of(school.admin)
    path = "accounts/self/users?per_page=2&search_term=walker"
    assert walk(admin, path) == [everybody[:2], everybody[2:4], everybody[4:]]
    assert "search_term=walker" in links(admin.get(path))["next"]


def test_a_page_of_another_list_is_refused(school: School) -> None:
    admin = session_of(school.admin)
    for page in ("MjAyNi0xMS0yM1QxMjowMDowMCswMDowMF8x", "x", "Xw"):  # the first names a time
        assert admin.get(f"accounts/self/users?page={page}").refusal == (400, "page_invalid")


def test_whoever_may_not_see_people_sees_none(school: School) -> None:
    editor = person("editor")
    enroll(editor, role(Base.ADMIN, "Without rights"))
    assert bearer_of(editor).get("accounts/self/users").refusal == (404, "not_found")
    assert bearer_of(editor).get("accounts").body == []
