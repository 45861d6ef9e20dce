"""POST …/rotate: a new secret beside the old one, for a person and for a job that renews itself."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import User
from policies import settings as policy
from tests.api.caller import Caller, bearing, session_of
from tests.cast import School
from tokens import lifecycle, tasks
from tokens.lifecycle import Issued
from tokens.models import SupersededSecret, TokenDay
from tokens.scopes import MANAGE, ROTATE
from tokens.usage.noting import buffer

SELF = "tokens/self/rotate"


def renewing(owner: User, *, days: int = 7, scopes: tuple[str, ...] = (ROTATE,)) -> Issued:
    """A token of a job that renews itself."""
    now = timezone.now()
    end = now + timedelta(days=days)
    return lifecycle.issue(owner, purpose="Weekly job", expires_at=end, scopes=scopes, actor=owner, now=now)


def hours_from_now(moment: str) -> float:
    at = parse_datetime(moment)
    assert at is not None
    return round((at - timezone.now()).total_seconds() / 3600, 1)


def test_a_job_renews_itself_and_both_secrets_work(school: School) -> None:
    old = renewing(school.student)
    answer = bearing(old.secret).post(SELF)
    assert answer.status == 200
    new = answer.body["visible_token"]
    assert new != old.secret
    assert answer.body["id"] == old.token.pk
    assert hours_from_now(answer.body["overlap_until"]) == 1
    assert hours_from_now(answer.body["expires_at"]) == 7 * 24
    assert bearing(old.secret).get("tokens/self").status == bearing(new).get("tokens/self").status == 200


def test_a_job_can_renew_itself_for_ever_but_never_past_the_cap(school: School) -> None:
    secret = renewing(school.student, days=120).secret
    for _week in range(3):
        answer = bearing(secret).post(SELF, {"token": {"overlap_hours": 0}})
        secret = answer.body["visible_token"]
        assert hours_from_now(answer.body["expires_at"]) == 120 * 24
    beyond = {"token": {"overlap_hours": 0, "expires_at": (timezone.now() + timedelta(days=121)).isoformat()}}
    assert bearing(secret).post(SELF, beyond).refusal == (400, "expiry_beyond_cap")


def test_others_take_a_day_of_overlap(school: School) -> None:
    answer = bearing(renewing(school.teacher).secret).post(SELF)
    assert hours_from_now(answer.body["overlap_until"]) == 24


def test_the_earlier_secret_is_told_so_in_every_answer(school: School) -> None:
    old = renewing(school.student, days=90)
    before = bearing(old.secret).get("tokens/self").headers
    assert "Token-Superseded" not in before
    assert "Token-Warning" not in before
    new = bearing(old.secret).post(SELF).body["visible_token"]
    told = bearing(old.secret).get("tokens/self").headers
    assert told["Token-Superseded"] == "true"
    assert hours_from_now(told["Token-Expires-At"]) == 1
    assert re.match(r"This secret has been replaced and stops in 5\d min\.", told["Token-Warning"])
    assert "Token-Superseded" not in bearing(new).get("tokens/self").headers


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=14, minutes=9), ""),
        (timedelta(days=13, minutes=9), "This token ends in 13 days. Rotate it in time."),
        (timedelta(days=1, minutes=9), "This token ends in 1 day. Rotate it in time."),
        (timedelta(hours=23, minutes=59), "This token ends in 23 hours. Rotate it in time."),
        (timedelta(hours=2, minutes=9), "This token ends in 2 hours. Rotate it in time."),
        (timedelta(hours=1, minutes=50), r"This token ends in 10[6-9] min. Rotate it in time."),
        (timedelta(minutes=9, seconds=50), r"This token ends in [6-9] min. Rotate it in time."),
    ],
)
def test_a_token_that_ends_soon_says_so(school: School, left: timedelta, words: str) -> None:
    now = timezone.now()
    made = lifecycle.issue(school.student, purpose="x", expires_at=now + left, actor=school.student, now=now)
    assert re.fullmatch(words, bearing(made.secret).get("tokens/self").headers.get("Token-Warning", ""))


def test_the_earlier_secret_renews_nothing(school: School) -> None:
    old = renewing(school.admin, scopes=(MANAGE,))
    bearing(old.secret).post(SELF)
    earlier = bearing(old.secret)
    assert earlier.post(SELF).refusal == (409, "secret_superseded")
    assert earlier.post(f"users/self/tokens/{old.token.pk}/rotate").refusal == (409, "secret_superseded")
    change = {"token": {"regenerate": True}}
    assert earlier.put(f"users/self/tokens/{old.token.pk}", change).refusal == (409, "secret_superseded")


def test_while_an_earlier_secret_works_there_is_no_second_rotation(school: School) -> None:
    old = renewing(school.student)
    new = bearing(old.secret).post(SELF).body["visible_token"]
    assert bearing(new).post(SELF).refusal == (409, "overlap_going")
    assert bearing(new).get("tokens/self").status == 200
    assert bearing(new).post(SELF, {"token": {"overlap_hours": 0}}).status == 200
    assert bearing(old.secret).get("tokens/self").refusal == (401, "superseded_token")
    assert bearing(new).get("tokens/self").refusal == (401, "invalid_token")


def test_the_same_call_twice_rotates_once(school: School) -> None:
    old = renewing(school.student)
    first, second = (bearing(old.secret).post(SELF, None, Idempotency_Key="week 7") for _ in range(2))
    assert (first.status, second.status) == (200, 200)
    assert first.body["id"] == second.body["id"]
    assert second.body["visible_token"] == f"{first.body['hint']}..."
    assert second.body["overlap_until"] == first.body["overlap_until"]
    assert SupersededSecret.objects.count() == 1


def test_a_token_without_the_scope_does_not_renew_itself(school: School) -> None:
    for scopes in ((), ("url:GET|/api/v1/users/:id",)):
        answer = bearing(renewing(school.student, scopes=scopes).secret).post(SELF)
        assert answer.refusal == (403, "insufficient_scope")
        assert f'scope="{ROTATE}"' in answer.headers["WWW-Authenticate"]


def test_the_scope_renews_and_does_nothing_else(school: School) -> None:
    old = renewing(school.student)
    caller, path = bearing(old.secret), f"users/self/tokens/{old.token.pk}"
    assert caller.post(f"{path}/rotate").refusal == (403, "insufficient_scope")
    assert caller.put(path, {"token": {"purpose": "y"}}).refusal == (403, "insufficient_scope")
    assert caller.post("users/self/tokens", {"token": {"purpose": "y"}}).refusal == (403, "insufficient_scope")


def test_a_policy_that_forbids_tokens_forbids_to_renew_them(school: School) -> None:
    old = renewing(school.student)
    policy.change(school.root, {"audience": "no_students"}, actor=school.admin, now=timezone.now())
    assert bearing(old.secret).post(SELF).refusal == (403, "creation_not_allowed")
    assert bearing(old.secret).get("tokens/self").status == 200


def test_a_browser_session_carries_no_token_to_renew(school: School) -> None:
    assert session_of(school.student).post(SELF).refusal == (400, "not_a_token")
    assert Caller().post(SELF).refusal == (401, "unauthenticated")


def test_a_person_rotates_their_token_and_ends_the_overlap(school: School) -> None:
    old, student = renewing(school.student), session_of(school.student)
    path = f"users/self/tokens/{old.token.pk}"
    new = student.post(f"{path}/rotate", {"token": {"overlap_hours": 72}}).body
    assert hours_from_now(new["overlap_until"]) == 72
    ended = student.call("DELETE", f"{path}/overlap")
    assert (ended.status, ended.body["state"]) == (200, "active")
    assert student.call("DELETE", f"{path}/overlap").status == 200
    assert bearing(old.secret).get("tokens/self").refusal == (401, "superseded_token")
    assert bearing(new["visible_token"]).get("tokens/self").status == 200


@pytest.mark.parametrize("hours", [-1, 73, 10**30])
def test_overlaps_beyond_three_days_are_refused(school: School, hours: int) -> None:
    old = renewing(school.student)
    assert bearing(old.secret).post(SELF, {"token": {"overlap_hours": hours}}).refusal == (400, "overlap_out_of_range")
    assert not SupersededSecret.objects.exists()


@pytest.mark.parametrize("hours", ["soon", 1.5, True, [1]])
def test_what_is_no_number_of_hours_is_refused(school: School, hours: object) -> None:
    old = renewing(school.student)
    assert bearing(old.secret).post(SELF, {"token": {"overlap_hours": hours}}).refusal == (400, "parameter_invalid")


def test_nobody_rotates_the_token_of_another(school: School) -> None:
    theirs = renewing(school.student)
    assert session_of(school.admin).post(f"users/self/tokens/{theirs.token.pk}/rotate").refusal == (404, "not_found")
    assert session_of(school.admin).call("DELETE", f"users/self/tokens/{theirs.token.pk}/overlap").status == 404


def test_tries_with_the_earlier_secret_are_counted_apart(school: School) -> None:
    old = renewing(school.student)
    new = bearing(old.secret).post(SELF).body["visible_token"]
    assert bearing(new).call("DELETE", f"users/self/tokens/{old.token.pk}/overlap").status == 403
    session_of(school.student).call("DELETE", f"users/self/tokens/{old.token.pk}/overlap")
    assert bearing(old.secret).get("tokens/self").refusal == (401, "superseded_token")
    buffer.flush()
    tasks.roll_up_usage()
    assert TokenDay.objects.get(token=old.token).outcomes["superseded"] == 1


def test_an_overlap_that_stands_beside_the_token_is_not_passed_over(school: School) -> None:
    old = renewing(school.student)
    for answer in (
        bearing(old.secret).post(SELF, {"overlap_hours": 0}),
        bearing(old.secret).form("POST", SELF, {"overlap_hours": "0"}),
        bearing(old.secret).post(SELF, {"expires_at": "2030-01-01"}),
    ):
        assert answer.refusal == (400, "parameter_invalid")
        assert "inside “token”" in answer.body["errors"][0]["message"]
    assert not SupersededSecret.objects.exists()


def test_a_moment_in_a_refusal_is_told_with_its_zone(school: School) -> None:
    new = bearing(renewing(school.student).secret).post(SELF).body["visible_token"]
    refused = bearing(new).post(SELF)
    assert refused.refusal == (409, "overlap_going")
    assert re.search(r"still works until \d+ \w+ \d{4}, \d\d:\d\d \(UTC\)\.", refused.body["errors"][0]["message"])
