"""People as API clients of Canvas ask for them first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from accounts.moments import iso
from accounts.roles import Base, Permission
from policies import settings as policy_settings
from policies.exemptions import exempt
from tests.api.caller import bearer_of, session_of
from tests.cast import School, enroll, person, role
from tests.pages.visits import token_of
from tests.planning.waiting import wait_for
from tests.rules.truth_table import EVERYONE, TABLE, Row, case_id, person_of


def test_one_sees_oneself_with_canvas_fields(school: School) -> None:
    body = bearer_of(school.student).get("users/self").body
    assert list(body) == (
        ["id", "name", "sortable_name", "short_name", "login_id", "sis_user_id", "email", "created_at"]
    )
    assert (body["id"], body["name"], body["sis_user_id"]) == (school.student.pk, "Student", None)


@pytest.mark.parametrize("path", ["users/self", "users/{}", "users/self/", "users/{}/"])
def test_a_person_is_named_by_self_or_number_with_a_slash_or_without(school: School, path: str) -> None:
    assert bearer_of(school.student).get(path.format(school.student.pk)).body["login_id"] == "student"


@pytest.mark.parametrize("sis_id", ["S1", "s 1", "a/b", "ü?#%", "+"])
def test_a_person_is_named_by_their_sis_id_percent_encoded(school: School, sis_id: str) -> None:
    somebody = person("somebody", sis_user_id=sis_id)
    encoded = "".join(f"%{byte:02X}" for byte in sis_id.encode())
    for tail in ("", "/profile", "/standing/"):
        answer = bearer_of(school.admin).get(f"users/sis_user_id:{encoded}{tail}")
        assert answer.status == 200, tail
        assert answer.body.get("id", somebody.pk) == somebody.pk


def test_a_profile_says_what_they_chose(school: School) -> None:
    body = session_of(school.student).get("users/self/profile").body
    assert (body["primary_email"], body["time_zone"], body["locale"]) == ("student@school.example", "UTC", None)


@pytest.mark.parametrize("tail", ["", "/profile", "/standing"])
def test_others_need_the_right_and_lack_of_it_looks_like_nobody(school: School, tail: str) -> None:
    student, stranger = school.student.pk, 999_999
    assert bearer_of(school.admin).get(f"users/{student}{tail}").status == 200
    for viewer in (school.teacher, school.science_admin, school.outsider):
        answers = [
            bearer_of(viewer).get(f"users/{who}{tail}") for who in (student, stranger, "nobody", "%00", "sis_user_id:")
        ]
        assert {answer.refusal for answer in answers} == {(404, "not_found")}


def test_a_right_to_look_reaches_people_who_hold_more_rights(school: School) -> None:
    looker = person("looker")
    enroll(looker, role(Base.ADMIN, "Looker", (Permission.USERS_VIEW,)))
    assert bearer_of(looker).get(f"users/{school.admin.pk}").status == 200


@pytest.mark.parametrize("row", TABLE, ids=case_id)
def test_a_standing_says_what_the_truth_table_says(db: None, row: Row) -> None:
    rules = {"observers_count_as_students": row.observers_count_as_students}
    policy_settings.change(Account.objects.root(), rules, actor=None, now=timezone.now())
    body = session_of(person_of(row, now=timezone.now())).get("users/self/standing").body
    assert (body["capped"], body["may_create"]) == (row.capped, bool(row.may & EVERYONE))
    assert (body["ceiling"] is not None) == row.capped


def test_a_standing_says_until_when_an_exemption_lifts_the_cap(school: School) -> None:
    caller = session_of(school.student)
    assert caller.get("users/self/standing").body["exempt_until"] is None
    now = timezone.now().replace(microsecond=0)
    exempt(school.student, school.arts, reason="A thesis", ends_at=now + timedelta(days=30), actor=None, now=now)
    body = caller.get("users/self/standing").body
    assert (body["exempt_until"], body["ceiling"]) == tuple(iso(now + timedelta(days=days)) for days in (30, 150))


def test_a_standing_and_a_token_say_what_a_waiting_change_brings(school: School) -> None:
    now = timezone.now().replace(microsecond=0)
    made = token_of(school.student, days=120)
    caller = session_of(school.student)
    assert caller.get("users/self/standing").body["waiting_changes"] == []
    assert caller.get(f"users/self/tokens/{made.pk}").body["coming_end"] is None
    values = {"student_cap_days": 30, "audience": "no_students"}
    wait_for(school.arts, values, actor=school.admin, now=now)
    effect, end = iso(now + timedelta(days=14)), iso(now + timedelta(days=44))
    facts = {"account_id": school.arts.pk, "takes_effect_at": effect, "may_create": False}
    waiting = caller.get("users/self/standing").body["waiting_changes"]
    assert waiting == [{**facts, "latest_end": end, "revokes": False}]
    token = caller.get(f"users/self/tokens/{made.pk}").body
    assert (token["coming_end"], token["coming_end_from"]) == (end, effect)


def test_a_standing_names_the_counting_roles_only(school: School) -> None:
    enroll(school.student, role(Base.TA), school.arts, ends_at=timezone.now() - timedelta(days=1))
    body = session_of(school.student).get("users/self/standing").body
    assert body["roles"] == (
        [{"label": "Student", "base": "student", "account_id": school.arts.pk, "course_id": school.history.pk}]
    )
    assert (body["capped_because"], body["refused_because"]) == ("only_student", None)


def test_ids_are_texts_for_whoever_asks(school: School) -> None:
    caller = bearer_of(school.student)
    accept = "application/json+canvas-string-ids, application/json;q=0.5"
    body = caller.client.get("/api/v1/users/self/standing", headers={**caller.headers, "Accept": accept}).json()
    assert body["roles"][0]["account_id"] == str(school.arts.pk)
    token = caller.client.get("/api/v1/tokens/self", headers={**caller.headers, "Accept": accept}).json()
    assert (token["user_id"], token["real_user_id"]) == (str(school.student.pk), None)


@pytest.mark.parametrize("accept", ["text/html", "*/*", "", "image/png", "application/xml;q=0.9", "x", "a/b/c;;,,"])
def test_whatever_is_accepted_the_answer_is_json(school: School, accept: str) -> None:
    assert bearer_of(school.student).get("users/self", Accept=accept).status == 200
