"""Requests in the API: asking, withdrawing, listing, answering."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from policies import settings
from tests.api.caller import bearer_of, bearing, made, manager_of, session_of
from tests.cast import School
from tokens.models import TokenRequest

OWN = "users/self/token_requests"


@pytest.fixture(autouse=True)
def _approval_is_needed(school: School) -> None:
    settings.change(school.root, {"approval": "students"}, actor=school.admin, now=timezone.now())


def wanted(**changes: Any) -> dict[str, Any]:
    end = (timezone.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"token_request": {"purpose": "Thesis", "why": "The lab", "expires_at": end, **changes}}


def asked(school: School) -> int:
    number: int = session_of(school.student).post(OWN, wanted()).body["id"]
    return number


def test_who_needs_approval_is_told_where_to_ask(school: School) -> None:
    answer = session_of(school.student).post("users/self/tokens", {"token": {"purpose": "x"}})
    assert answer.refusal == (403, "approval_needed")
    assert "/api/v1/users/self/token_requests" in answer.body["errors"][0]["message"]


def test_a_request_is_made_listed_and_withdrawn(school: School) -> None:
    caller = session_of(school.student)
    body = caller.post(OWN, wanted(scopes=["url:GET|/api/v1/users/:id"])).body
    assert (body["state"], body["purpose"], body["user_id"]) == ("open", "Thesis", school.student.pk)
    assert [each["id"] for each in caller.get(OWN).body] == [body["id"]]
    assert session_of(school.other_student).get(OWN).body == []
    assert session_of(school.other_student).delete(f"{OWN}/{body['id']}").status == 404
    assert caller.delete(f"{OWN}/{body['id']}").body["state"] == "withdrawn"
    assert caller.delete(f"{OWN}/{body['id']}").refusal == (400, "request_answered")


def test_everything_that_is_wrong_is_said_at_once(school: School) -> None:
    answer = session_of(school.student).post(OWN, {"token_request": {"purpose": " "}})
    assert answer.codes == ["purpose_blank", "expiry_required", "reason_missing"]
    assert session_of(school.student).post(OWN).status == 400
    assert session_of(school.teacher).post(OWN, wanted()).refusal == (400, "approval_not_needed")


def test_an_approver_lists_approves_and_refuses(school: School) -> None:
    first, second = asked(school), session_of(school.other_student).post(OWN, wanted()).body["id"]
    admin = session_of(school.arts_admin)
    path = f"accounts/{school.arts.pk}/token_requests"
    assert [each["id"] for each in admin.get(f"{path}?state=open").body] == [first, second]
    sooner = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    approved = admin.post(f"token_requests/{first}/approve", {"expires_at": sooner}).body
    assert (approved["state"], approved["approved_end"], approved["token_id"]) == ("approved", sooner, None)
    assert admin.post(f"token_requests/{second}/refuse").refusal == (400, "reason_missing")
    refused = admin.post(f"token_requests/{second}/refuse", {"reason": "No"}).body
    assert (refused["state"], refused["reason"], refused["decided_by"]) == ("refused", "No", school.arts_admin.pk)
    assert [each["id"] for each in admin.get(f"{path}?state=open").body] == []


def test_nobody_answers_out_of_reach_or_their_own(school: School) -> None:
    number = asked(school)
    for caller in (session_of(school.science_admin), session_of(school.student)):
        assert caller.post(f"token_requests/{number}/approve").status == 404
    assert session_of(school.science_admin).get(f"accounts/{school.arts.pk}/token_requests").status == 404
    settings.change(school.root, {"admin_cap_days": 7}, actor=school.admin, now=timezone.now())
    own = session_of(school.admin).post(OWN, wanted()).body["id"]
    assert session_of(school.admin).post(f"token_requests/{own}/approve").refusal == (403, "approval_of_oneself")


def test_a_bearer_asks_but_answers_only_if_it_was_made_for_it(school: School) -> None:
    bearer = bearing(made(school.student, actor=school.admin).secret)
    assert bearer.get(OWN).status == 401  # not yet activated
    caller, number = bearer_of(school.admin), asked(school)
    assert caller.get(OWN).status == 200
    assert caller.post(f"token_requests/{number}/approve").refusal == (403, "insufficient_scope")
    assert manager_of(school.admin).post(f"token_requests/{number}/approve").status == 200
    assert TokenRequest.objects.get().decided_by == school.admin
    limited = bearer_of(school.teacher, scopes=("url:GET|/api/v1/users/self/token_requests",))
    assert limited.get(OWN).status == 200
    assert limited.post(OWN, wanted()).refusal == (403, "insufficient_scope")
