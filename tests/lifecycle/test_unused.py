"""Tokens that nobody uses: warned of, then ended; never without a warning."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from policies import settings
from policies.unused import Idle
from tests.cast import NOW, School, token
from tests.pages.visits import client_of, text_of, token_of
from tokens import lifecycle, tasks
from tokens.models import AccessToken, Notice, State
from tokens.tending import tend_in_batches

DAY = timedelta(days=1)


def rule(school: School, days: int | None) -> None:
    settings.change(school.root, {"unused_days": days}, actor=None, now=NOW)


def tend(after: float) -> tuple[int, int]:
    """Run the job so many days after NOW: (warned, ended)."""
    warned, ended = zip((0, 0), *tend_in_batches(now=NOW + after * DAY), strict=True)
    return sum(warned), sum(ended)


def use(made: AccessToken, at: datetime) -> None:
    AccessToken.objects.filter(pk=made.pk).update(last_used_at=at)


@pytest.mark.parametrize(
    ("days", "warned_on", "ends_on"), [(90, 83, 90), (30, 23, 30), (10, 3, 10), (8, 1, 8), (3, 1, 8), (1, 1, 8)]
)
def test_the_owner_is_warned_a_week_before_the_end(days: int, warned_on: int, ends_on: int) -> None:
    moment = NOW + warned_on * DAY
    assert not Idle(NOW, None, days).is_to_be_warned(moment - timedelta(seconds=1))
    assert Idle(NOW, None, days).is_to_be_warned(moment)
    assert Idle(NOW, None, days).end(moment) == NOW + ends_on * DAY
    warned, end = Idle(NOW, moment, days), NOW + ends_on * DAY
    assert [warned.is_to_end(end - timedelta(seconds=1)), warned.is_to_end(end)] == [False, True]


def test_however_long_it_was_unused_nothing_ends_without_a_week_of_warning() -> None:
    late = NOW + 1000 * DAY
    assert not Idle(NOW, None, 30).is_to_end(late)
    assert not Idle(NOW, late, 30).is_to_end(late + 7 * DAY - timedelta(seconds=1))
    assert Idle(NOW, late, 30).is_to_end(late + 7 * DAY)


def test_a_token_that_nobody_uses_is_warned_of_and_ended_by_the_portal(school: School) -> None:
    rule(school, 30)
    made = token(school.teacher, days=None).token
    assert [tend(day) for day in (22, 23, 24, 29, 30, 31)] == [(0, 0), (1, 0), (0, 0), (0, 0), (0, 1), (0, 0)]
    made.refresh_from_db()
    assert (made.state, made.revoked_by, made.revoked_reason) == (
        State.REVOKED,
        None,
        "Nobody has used it for 30 days.",
    )
    warning, ended = Notice.objects.filter(person=school.teacher).order_by("pk")
    assert (warning.event, ended.event) == ("token.unused_warning", "token.revoke")
    assert warning.facts["tokens"][0]["expires_at"] == (NOW + 30 * DAY).isoformat()
    assert AuditEvent.objects.get(action="token.unused_warning").actor is None


def test_one_use_keeps_it_and_it_is_warned_of_anew(school: School) -> None:
    rule(school, 30)
    made = token(school.teacher, days=None).token
    assert tend(23) == (1, 0)
    use(made, NOW + 25 * DAY)
    assert [tend(day) for day in (30, 31, 47, 48, 54, 55)] == [(0, 0), (0, 0), (0, 0), (1, 0), (0, 0), (0, 1)]


@pytest.mark.parametrize("days", [None, 0])
def test_without_a_rule_nothing_is_warned_of(school: School, days: int | None) -> None:
    rule(school, days)
    token(school.teacher, days=None)
    assert tend(3000) == (0, 0)


def test_a_milder_rule_takes_the_warning_back(school: School) -> None:
    rule(school, 30)
    made = token(school.teacher, days=None).token
    tend(23)
    rule(school, 365)
    assert tend(31) == (0, 0)
    made.refresh_from_db()
    assert (made.unused_warned_at, made.state) == (None, State.ACTIVE)


def test_the_rule_is_that_of_the_owners_home(school: School) -> None:
    rule(school, 30)
    settings.change(school.arts, {"unused_days": 0}, actor=None, now=NOW)
    kept, gone = token(school.teacher, days=None).token, token(school.science_admin, days=None).token
    tend(23)
    tend(30)
    for made, state in ((kept, State.ACTIVE), (gone, State.REVOKED)):
        made.refresh_from_db()
        assert made.state == state


def test_pending_and_suspended_tokens_end_too_and_ended_ones_are_left(school: School) -> None:
    rule(school, 30)
    token(school.student, days=100, actor=school.admin)
    lifecycle.suspend(token(school.teacher, days=None).token, actor=school.admin, now=NOW)
    token(school.other_student, days=10)
    lifecycle.revoke(token(school.teacher, days=None).token, actor=None, now=NOW)
    assert (tend(23), tend(30)) == ((2, 0), (0, 2))


def test_taking_a_token_lifts_the_warning(school: School) -> None:
    rule(school, 30)
    made = token(school.student, days=100, actor=school.admin).token
    tend(23)
    lifecycle.activate(made, actor=school.student, now=NOW + 29 * DAY)
    assert [tend(day) for day in (30, 36, 37)] == [(1, 0), (0, 0), (0, 1)]


def test_the_job_goes_on_where_a_batch_ended(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokens.tending.BATCH", 1)
    rule(school, 30)
    for owner in (school.student, school.teacher, school.admin):
        token(owner, days=100)
    first = next(tend_in_batches(now=NOW + 23 * DAY))
    assert (first, tend(23)) == ((1, 0), (2, 0))


def test_the_owner_reads_when_it_ends(school: School) -> None:
    made = token_of(school.teacher, days=None)
    rule(school, 30)
    warned_at = made.created_at + 23 * DAY
    AccessToken.objects.filter(pk=made.pk).update(unused_warned_at=made.created_at)
    client = client_of(school.teacher)
    assert "unless it is used before" in text_of(client.get(f"/tokens/{made.pk}/"))
    assert "unless it is used" in text_of(client.get("/tokens/"))
    use(made, warned_at)
    assert "unless it is used" not in text_of(client.get(f"/tokens/{made.pk}/"))


def test_the_daily_job_ends_what_was_warned_of_a_week_ago(school: School) -> None:
    token_of(school.teacher, days=None)
    rule(school, 30)
    now = timezone.now()
    AccessToken.objects.update(secret_made_at=now - 60 * DAY, unused_warned_at=now - 8 * DAY)
    assert [tasks.tend_unused_tokens(), tasks.tend_unused_tokens()] == [1, 0]
