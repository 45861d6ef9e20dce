"""Class tokens in the API: made, watched, reminded of and revoked by who teaches, picked up by students."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.roles import Base
from tests.api.caller import bearer_of, session_of
from tests.cast import School, enroll, person, role
from tokens.models import AccessToken
from tokens.verification import verify


def asked(**facts: Any) -> dict[str, Any]:
    end = (timezone.now() + timedelta(days=60)).isoformat()
    return {"purpose": "HIST 101 archive", "expires_at": end, **facts}


def made(school: School) -> int:
    answer = session_of(school.teacher).post(f"courses/{school.history.pk}/class_issues", asked())
    assert answer.status == 200, answer.body
    return int(answer.body["id"])


def test_a_teacher_makes_them_and_watches_who_picks_theirs_up(school: School) -> None:
    number, teacher = made(school), session_of(school.teacher)
    token = AccessToken.objects.get(user=school.student)
    taken = session_of(school.student).post(f"users/self/tokens/{token.pk}/activate")
    assert verify(taken.body["visible_token"], now=timezone.now()).is_live
    [listed] = teacher.get(f"courses/{school.history.pk}/class_issues").body
    assert (listed["id"], listed["tokens"], listed["picked_up"], listed["without_token"]) == (number, 2, 1, 0)
    items = teacher.get(f"class_issues/{number}/items").body
    assert {item["user_id"]: item["state"] for item in items} == {
        school.student.pk: "picked_up",
        school.other_student.pk: "waiting",
    }
    assert "visible_token" not in str(items)


def test_a_teacher_adds_reminds_and_revokes(school: School) -> None:
    number, teacher = made(school), session_of(school.teacher)
    enroll(person("late"), role(Base.STUDENT), course=school.history)
    assert teacher.put(f"class_issues/{number}", {"act": "add"}).body["tokens"] == 3
    assert teacher.put(f"class_issues/{number}", {"act": "remind"}).refusal == (409, "reminded_today")
    assert teacher.put(f"class_issues/{number}", {"act": "sing"}).refusal == (400, "class_act_unknown")
    gone = teacher.delete(f"class_issues/{number}", {"reason": "Over"}).body
    assert gone["revoked_at"] is not None
    assert {each.state for each in AccessToken.objects.all()} == {"revoked"}
    assert teacher.put(f"class_issues/{number}", {"act": "add"}).refusal == (409, "class_too_late")


def test_the_same_key_makes_nothing_a_second_time(school: School) -> None:
    teacher, place = session_of(school.teacher), f"courses/{school.history.pk}/class_issues"
    first = teacher.post(place, asked(), **{"Idempotency-Key": "one"}).body
    assert teacher.post(place, asked(), **{"Idempotency-Key": "one"}).body["id"] == first["id"]
    other = teacher.post(place, asked(purpose="Another"), **{"Idempotency-Key": "one"})
    assert other.refusal == (422, "idempotency_mismatch")
    assert AccessToken.objects.count() == 2


def test_every_reason_is_told_at_once(school: School) -> None:
    teacher = session_of(school.teacher)
    answer = teacher.post(f"courses/{school.history.pk}/class_issues", {"purpose": " "})
    assert answer.codes == ["purpose_blank", "expiry_required"]


@pytest.mark.parametrize("login", ["student", "admin", "science_admin"])
def test_out_of_reach_is_not_there(school: School, login: str) -> None:
    number, caller = made(school), session_of(getattr(school, login))
    for place in (
        f"courses/{school.history.pk}/class_issues",
        f"class_issues/{number}",
        f"class_issues/{number}/items",
    ):
        assert caller.get(place).status == 404
    assert caller.post(f"courses/{school.history.pk}/class_issues", asked()).status == 404
    assert caller.put(f"class_issues/{number}", {"act": "add"}).status == 404
    assert caller.delete(f"class_issues/{number}").status == 404


def test_a_token_reads_and_makes_none(school: School) -> None:
    number, teacher = made(school), bearer_of(school.teacher)
    assert teacher.get(f"class_issues/{number}").body["tokens"] == 2
    for answer in (
        teacher.post(f"courses/{school.history.pk}/class_issues", asked()),
        teacher.put(f"class_issues/{number}", {"act": "add"}),
        teacher.delete(f"class_issues/{number}"),
    ):
        assert answer.refusal == (403, "insufficient_scope")
