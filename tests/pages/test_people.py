"""People, for administrators: who is found, what is said of their tokens, how long it takes."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Enrollment, User
from accounts.roles import Base, EnrollmentState, Permission
from tests.cast import School, enroll, person, role
from tests.pages.crowds import crowd
from tests.pages.visits import client_of, text_of, token_of
from tokens import lifecycle
from tokens.models import AccessToken, State
from tokens.reasons import Reason


def names_in(text: str) -> list[str]:
    return re.findall(r'class="title" href="/people/\d+/">([^<]+)', text)


@pytest.mark.parametrize("term", ["other-stu", "OTHER STUDENT", "other-student@school", "S-77"])
def test_people_are_found_by_name_sign_in_email_and_sis_id(school: School, term: str) -> None:
    User.objects.filter(pk=school.other_student.pk).update(sis_user_id="S-77")
    assert names_in(text_of(client_of(school.admin).get("/people/", {"q": term}))) == ["Other Student"]


def test_people_are_filtered_by_the_kind_of_their_roles(school: School) -> None:
    assert names_in(text_of(client_of(school.admin).get("/people/?role=teacher"))) == ["Teacher"]


def test_an_administrator_of_a_faculty_finds_its_people_only(school: School) -> None:
    assert set(names_in(text_of(client_of(school.arts_admin).get("/people/")))) == {
        "Student",
        "Other Student",
        "Teacher",
        "Arts Admin",
    }


def test_a_long_list_of_people_goes_on_page_by_page(school: School) -> None:
    for number in range(40):
        User.objects.create(login_id=f"p{number:02}", name=f"P {number:02}", sortable_name=f"P {number % 3}")
    client, seen, path = client_of(school.admin), [], "/people/"
    while path:
        text = text_of(client.get(path))
        seen += names_in(text)
        onward = re.search(r'href="(\?after=\d+)">Next page', text)
        path = f"/people/{onward[1]}" if onward else ""
    assert len(seen) == len(set(seen)) == User.objects.count()


def test_from_search_to_revoked_it_is_two_clicks(school: School) -> None:
    token = token_of(school.student)
    client = client_of(school.admin)
    path = f"/people/{school.student.pk}/revoke-all/"
    assert f'href="{path}"' in text_of(client.get("/people/?q=student"))
    assert "Revoke 1 token" in text_of(client.get(path))
    assert "Revoked 1 token." in text_of(client.post(path, {"reason": "misuse"}, follow=True))
    token.refresh_from_db()
    assert (token.state, token.revoked_by, token.revoked_reason) == (State.REVOKED, school.admin, "misuse")


def found(viewer: User, query: str) -> set[str]:
    return set(names_in(text_of(client_of(viewer).get(f"/people/?{query}"))))


def test_students_only_are_those_whose_every_counting_role_is_a_student_role(school: School) -> None:
    enroll(school.other_student, role(Base.TA), course=school.history)
    former = person("former-ta")
    enroll(former, role(Base.STUDENT), course=school.history)
    enroll(former, role(Base.TA), course=school.history, state=EnrollmentState.COMPLETED)
    assert found(school.admin, "role=students_only") == {"Student", "Former Ta"}


def test_whoever_holds_no_role_that_counts_is_found_by_that(school: School) -> None:
    past = person("past")
    enroll(past, role(Base.STUDENT), course=school.history, ends_at=timezone.now() - timedelta(days=1))
    assert found(school.admin, "role=none") == {"Outsider", "Past"}


def test_people_are_filtered_by_the_tokens_that_they_hold(school: School) -> None:
    token_of(school.student)
    ended = token_of(school.other_student)
    lifecycle.revoke(ended, actor=school.admin, now=timezone.now(), reason=Reason(""))
    token_of(school.teacher)
    AccessToken.objects.filter(user=school.teacher).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert found(school.arts_admin, "holds=yes") == {"Student"}
    assert found(school.arts_admin, "holds=no") == {"Other Student", "Teacher", "Arts Admin"}


@pytest.mark.parametrize("query", ["role=nobody", "holds=maybe", "after=x", "after=999999", "holds=", "role="])
def test_a_filter_that_means_nothing_narrows_nothing(school: School, query: str) -> None:
    assert len(found(school.admin, query)) == User.objects.count()


def test_filters_work_together(school: School) -> None:
    token_of(school.student)
    token_of(school.teacher)
    assert found(school.admin, "holds=yes&role=student") == {"Student"}
    assert found(school.admin, "holds=yes&role=student&q=teach") == set()


def test_the_number_of_tokens_in_use_leads_to_them(school: School) -> None:
    token_of(school.student), token_of(school.student)
    text = text_of(client_of(school.admin).get("/people/?q=student@"))
    assert f'href="/people/{school.student.pk}/?state=in_use"' in text
    assert "2 tokens in use by Student" in text
    assert "Revoke the tokens of Student" in text
    assert "Revoke the tokens of Other Student" not in text


def test_whoever_may_not_see_tokens_is_told_nothing_of_them(school: School) -> None:
    registrar = person("registrar")
    enroll(registrar, role(Base.ADMIN, "Registrar", (Permission.USERS_VIEW,)))
    token_of(school.student)
    everybody = text_of(client_of(registrar).get("/people/"))
    assert "Tokens in use" not in everybody
    assert "in use by" not in everybody
    assert len(found(registrar, "holds=yes")) == len(found(registrar, "holds=no")) == User.objects.count()


def test_who_holds_tokens_is_told_only_of_people_whose_tokens_one_may_see(school: School) -> None:
    registrar = person("registrar")
    enroll(registrar, role(Base.ADMIN, "Registrar", (Permission.USERS_VIEW,)))
    enroll(registrar, role(Base.ADMIN, "Helper", (Permission.TOKENS_VIEW,)), school.arts)
    token_of(school.student), token_of(school.science_admin, days=None)
    assert found(registrar, "holds=yes") == {"Student"}
    text = text_of(client_of(registrar).get("/people/?q=science"))
    assert "Science Admin" in text
    assert "in use by Science Admin" not in text


def test_the_button_to_revoke_is_there_only_where_it_would_work(school: School) -> None:
    token_of(school.admin), token_of(school.student)
    helpdesk = person("helpdesk")
    enroll(helpdesk, role(Base.ADMIN, "Help desk", (Permission.USERS_VIEW, Permission.TOKENS_VIEW)))
    assert "Revoke the tokens" not in text_of(client_of(helpdesk).get("/people/"))
    enroll(helpdesk, role(Base.ADMIN, "Ender", (Permission.TOKENS_DELETE,)))
    text = text_of(client_of(helpdesk).get("/people/"))
    assert "Revoke the tokens of Student" in text
    assert "Revoke the tokens of Admin" not in text


def test_the_number_of_people_found_is_said(school: School) -> None:
    client = client_of(school.admin)
    assert "1 person found" in text_of(client.get("/people/?q=teacher"))
    assert "2 people found" in text_of(client.get("/people/?role=student"))
    crowd(school, 10_000)
    assert "10,000 people found" in text_of(client.get("/people/?q=crowd"))
    assert "More than 10,000 people found" in text_of(client.get("/people/"))


def test_a_search_finds_nothing_across_two_columns_and_takes_signs_as_they_are(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(name="Ärger 100%", sis_user_id=None)
    assert found(school.admin, "q=äRGER") == {"Ärger 100%"}
    assert found(school.admin, "q=100%25") == {"Ärger 100%"}
    assert found(school.admin, "q=%25s") == set()
    assert found(school.admin, "q=100%25student") == set()


PATHS = ("", "?q=crowd7", "?q=nobody+at+all", "?role=students_only", "?role=none", "?holds=yes", "?holds=no&role=ta")


def queries_of(viewer: User) -> list[int]:
    client, counts = client_of(viewer), []
    for path in PATHS:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/people/{path}").status_code == 200
        counts.append(len(queries))
    return counts


def test_a_hundred_thousand_people_with_tokens_take_as_many_queries_as_ten(school: School) -> None:
    crowd(school, 10)
    few = [queries_of(viewer) for viewer in (school.admin, school.arts_admin)]
    AccessToken.objects.filter(user__login_id__startswith="crowd").delete()
    Enrollment.objects.filter(user__login_id__startswith="crowd").delete()
    User.objects.filter(login_id__startswith="crowd").delete()
    crowd(school, 100_000)
    many = [queries_of(viewer) for viewer in (school.admin, school.arts_admin)]
    assert all(max(large) <= max(small) for large, small in zip(many, few, strict=True)), (many, few)
    assert max(map(max, few)) <= 13  # four of them for the navigation, where open requests are counted
