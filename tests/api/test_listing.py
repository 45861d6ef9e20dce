"""GET /users/:user_id/user_generated_tokens, and how a list is paged."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.roles import Base, Permission
from tests.api.caller import Answer, Caller, bearer_of, made, session_of
from tests.cast import School, enroll, person, role, token
from tokens import lifecycle
from tokens.models import AccessToken
from tokens.reasons import Reason

PATH = "users/self/user_generated_tokens"


def links(answer: Answer) -> dict[str, str]:
    return {relation: url for url, relation in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"])}


def walk(caller: Caller, path: str) -> list[list[int]]:
    """The ids on every page, following `next`."""
    pages = []
    while path:
        answer = caller.get(path)
        pages.append([row["id"] for row in answer.body])
        path = links(answer).get("next", "").removeprefix("http://testserver")
    return pages


@pytest.fixture
def student(school: School) -> Caller:
    return session_of(school.student)


def test_tokens_stand_in_the_order_they_were_made_in(school: School, student: Caller) -> None:
    now = timezone.now()
    later, earlier = token(school.student, now=now), token(school.student, now=now - timedelta(days=1))
    same = token(school.student, now=now)
    assert [row["id"] for row in student.get(PATH).body] == [earlier.token.pk, later.token.pk, same.token.pk]


def test_every_state_but_deleted_is_listed_and_that_on_demand(school: School, student: Caller) -> None:
    active, revoked, suspended, expired = (made(school.student).token for _ in range(4))
    pending = made(school.student, actor=school.admin).token
    lifecycle.revoke(revoked, actor=school.student, now=timezone.now(), reason=Reason("lost"))
    lifecycle.suspend(suspended, actor=school.admin, now=timezone.now())
    AccessToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    states = {row["id"]: (row["state"], row["workflow_state"]) for row in student.get(PATH).body}
    assert states == {
        active.pk: ("active", "active"),
        suspended.pk: ("suspended", "active"),
        expired.pk: ("expired", "active"),
        pending.pk: ("pending", "pending"),
    }
    with_deleted = {row["id"]: row for row in student.get(f"{PATH}?include[]=deleted").body}
    gone = with_deleted[revoked.pk]
    assert (gone["state"], gone["workflow_state"], gone["revoked_reason"]) == ("revoked", "deleted", "lost")
    assert gone["can_manually_regenerate"] is False


def test_a_long_list_comes_in_pages_that_miss_and_repeat_nothing(school: School, student: Caller) -> None:
    now = timezone.now()  # all of one moment: the id decides
    ids = [token(school.student, now=now).token.pk for _ in range(7)]
    assert walk(student, f"{PATH}?per_page=3") == [ids[:3], ids[3:6], ids[6:]]


def test_a_page_that_ends_with_the_list_has_no_next(school: School, student: Caller) -> None:
    for _ in range(2):
        made(school.student)
    assert set(links(student.get(f"{PATH}?per_page=2"))) == {"current", "first"}


def test_links_are_absolute_and_keep_what_was_asked_but_no_credential(school: School, student: Caller) -> None:
    for _ in range(3):
        made(school.student)
    answer = student.get(f"{PATH}/?per_page=1&include[]=deleted&junk=tpat_secret&api_key=1")
    for relation, url in links(answer).items():
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc, parts.path) == ("http", "testserver", f"/api/v1/{PATH}")
        query = parse_qs(parts.query)
        assert (query.pop("per_page"), query.pop("include[]")) == (["1"], ["deleted"])
        assert set(query) == ({"page"} if relation == "next" else set())


def test_the_links_of_a_person_named_by_sis_id_lead_somewhere(school: School) -> None:
    somebody = person("somebody", sis_user_id="a b?ü")
    enroll(somebody, role(Base.STUDENT))
    ids = [made(somebody).token.pk for _ in range(3)]
    path = "users/sis_user_id:a%20b%3F%C3%BC/user_generated_tokens?per_page=2"
    assert walk(bearer_of(school.admin), path) == [ids[:2], ids[2:]]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", 10),
        ("0", 10),
        ("-1", 10),
        ("x", 10),
        ("1.5", 10),
        ("٣", 10),
        ("1", 1),
        ("007", 7),
        ("100", 12),
        ("9" * 5000, 12),
    ],
)
def test_per_page_is_ten_at_most_a_hundred(school: School, student: Caller, asked: str, shown: int) -> None:
    for _ in range(12):
        made(school.student)
    assert len(student.get(f"{PATH}?per_page={asked}").body) == shown


@pytest.mark.parametrize("named", ["2", "x", "%00", "é", "eA", "=" * 9, "MjAyNi0xMS0yM1QxMjowMDowMCswMDowMF8x" * 40])
def test_a_page_that_no_link_named_is_refused(student: Caller, named: str) -> None:
    answer = student.get(f"{PATH}?page={named}")
    assert answer.refusal == (400, "page_invalid")
    assert answer.body["errors"][0]["field"] == "page"


def test_the_first_page_may_be_called_one(school: School, student: Caller) -> None:
    made(school.student)
    assert student.get(f"{PATH}?page=1").body == student.get(PATH).body


def test_others_need_the_right_and_lack_of_it_looks_like_nobody(school: School) -> None:
    issued = made(school.student)
    listed = session_of(school.admin).get(f"users/{school.student.pk}/user_generated_tokens")
    assert [row["id"] for row in listed.body] == [issued.token.pk]
    for viewer in (school.teacher, school.science_admin, school.outsider):
        answers = [session_of(viewer).get(f"users/{who}/user_generated_tokens") for who in (school.student.pk, 99999)]
        assert {answer.refusal for answer in answers} == {(403, "forbidden")}
        assert answers[0].body == answers[1].body


def test_who_may_regenerate_depends_on_who_looks(school: School) -> None:
    looker = person("looker")
    enroll(looker, role(Base.ADMIN, "Looker", (Permission.TOKENS_VIEW,)))
    made(school.student)
    for viewer, may in ((school.student, True), (school.admin, True), (looker, False)):
        [row] = session_of(viewer).get(f"users/{school.student.pk}/user_generated_tokens").body
        assert row["can_manually_regenerate"] is may


def test_the_number_of_queries_does_not_grow_with_the_list(
    school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    caller, owner = bearer_of(school.admin), school.student.pk
    for _ in range(40):
        made(school.student)
    with django_assert_max_num_queries(12):
        assert len(caller.get(f"users/{owner}/user_generated_tokens?per_page=100").body) == 40
