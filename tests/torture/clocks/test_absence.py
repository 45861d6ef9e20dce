"""No worker and no beat for thirty days: nothing works longer for it, and when they are back, nobody is flooded.

The school of thirty days ago is written as it was then; afterwards each job runs as beat sends it, and again.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base
from policies.models import PlannedChange, Policy
from tests.cast import School, enroll, person, role, token, zone_of_noon
from tokenportal.celery import app
from tokens import lifecycle
from tokens.lifecycle import Issued
from tokens.models import AccessToken, Notice, Reminder, State, TokenDay, TokenRequest
from tokens.usage import DayUse, Use
from tokens.usage.noting import LIST, connect
from tokens.verification import verify

DAY = timedelta(days=1)
GONE = 30  # days
app.loader.import_default_modules()


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def then(now: datetime, school: School) -> datetime:
    """When the last worker went; everybody lives where it is day when it is back."""
    User.objects.update(time_zone=zone_of_noon(now))
    return now - GONE * DAY


@pytest.fixture(autouse=True)
def no_uses() -> Iterator[None]:
    """Nobody else's buffers, before and after."""
    with connect() as client:
        client.delete(LIST)
        yield
        client.delete(LIST)


def everybody_is_back() -> None:
    """What beat sends when it starts again: each job once, for it does not know how often it was missed."""
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        app.tasks[str(entry["task"])]()


def written() -> tuple[Counter[str], Counter[tuple[str, int]]]:
    """How many lines there are of each kind, and how many words were owed to whom."""
    lines = Counter(AuditEvent.objects.values_list("action", flat=True))
    return lines, Counter(Notice.objects.values_list("event", "person_id"))


def held(owner: User, then: datetime, days: int | None, **more: Any) -> Issued:
    return token(owner, days=days, now=then - 40 * DAY, **more)


def test_what_ends_meanwhile_is_refused_by_the_clock_and_noted_once_with_one_word_to_its_owner(
    school: School, then: datetime, now: datetime
) -> None:
    ended = [held(school.student, then, 40 + day) for day in range(1, GONE)]
    for day, issued in enumerate(ended, 1):
        assert verify(issued.secret, now=then + day * DAY - timedelta(seconds=1)).is_live
        assert not verify(issued.secret, now=then + day * DAY).is_live
    soon = held(school.student, then, 40 + GONE + 5)
    everybody_is_back()
    everybody_is_back()
    lines, words = written()
    assert lines["token.expire"] == len(ended)
    assert words["token.ending", school.student.pk] == 1
    [told] = Notice.objects.filter(event="token.ending")
    assert [each["id"] for each in told.facts["ending"]] == [soon.token.pk]
    assert Reminder.objects.filter(person=school.student).count() == 1
    assert verify(soon.secret, now=now).is_live


def test_what_the_calendar_has_shortened_is_clamped_once(school: School, then: datetime, now: datetime) -> None:
    both = person("both", time_zone=school.student.time_zone)
    enroll(both, role(Base.STUDENT), course=school.history)
    enroll(both, role(Base.TEACHER), course=school.physics, ends_at=then + 10 * DAY)
    endless = held(both, then, None)
    everybody_is_back()
    shortened = AccessToken.objects.get(pk=endless.token.pk)
    everybody_is_back()
    lines, words = written()
    assert (lines["token.clamp"], words["token.clamp", both.pk]) == (1, 1)
    assert shortened.expires_at is not None
    assert now + 119 * DAY < shortened.expires_at <= timezone.now() + 120 * DAY
    assert AccessToken.objects.get(pk=endless.token.pk).expires_at == shortened.expires_at


def test_a_change_of_the_policy_whose_time_came_meanwhile_begins_once(school: School, then: datetime) -> None:
    made = held(school.student, then, 120)
    PlannedChange.objects.create(
        account=school.root,
        values={"student_cap_days": 20},
        before={"student_cap_days": 120},
        spread_days=0,
        made_by=school.admin,
        made_at=then - DAY,
        takes_effect_at=then + 13 * DAY,
    )
    everybody_is_back()
    everybody_is_back()
    lines, words = written()
    assert Policy.objects.get(account=school.root).student_cap_days == 20
    assert (lines["policy.change"], lines["policy.apply"]) == (1, 1)
    assert (lines["token.clamp"], words["token.clamp", school.student.pk]) == (1, 1)
    end = AccessToken.objects.get(pk=made.token.pk).expires_at
    assert end is not None
    assert end <= timezone.now() + 20 * DAY


def test_a_token_that_nobody_used_is_not_ended_without_a_warning(school: School, then: datetime) -> None:
    Policy.objects.create(account=school.root, unused_days=30, updated_at=then - 60 * DAY)
    made = held(school.teacher, then, None)
    everybody_is_back()
    everybody_is_back()
    lines, words = written()
    assert AccessToken.objects.get(pk=made.token.pk).state == State.ACTIVE
    assert (lines["token.unused_warning"], words["token.unused_warning", school.teacher.pk]) == (1, 1)


def test_a_request_that_nobody_answered_lapses_once(school: School, then: datetime) -> None:
    facts = {"purpose": "A thesis", "why": "It takes long", "expires_at": then + 400 * DAY}
    TokenRequest.objects.create(person=school.student, made_at=then, **facts)
    everybody_is_back()
    everybody_is_back()
    lines, words = written()
    assert (lines["request.lapse"], words["request.lapse", school.student.pk]) == (1, 1)


def test_mails_that_were_owed_meanwhile_go_out_once_and_administrators_get_one_overview(
    school: School, then: datetime
) -> None:
    for day in range(10):
        made = held(school.student, then, 90)
        lifecycle.revoke(made.token, actor=school.admin, now=then + day * DAY)
    held(school.student, then, 40 + GONE + 5)
    everybody_is_back()
    first = len(mail.outbox)
    everybody_is_back()
    names = Counter(each.extra_headers["Message-ID"] for each in mail.outbox)
    assert set(names.values()) == {1}
    assert (len(names), first) == (Notice.objects.exclude(sent_at=None).count(), len(names))
    assert not Notice.objects.filter(sent_at=None, withheld_at=None).exists()
    _lines, words = written()
    assert words["token.revoke", school.student.pk] == 10
    assert words["digest.send", school.admin.pk] == 1


def test_uses_that_waited_are_counted_once(school: School, then: datetime) -> None:
    made = held(school.teacher, then, None).token
    with connect() as client:
        for day in range(GONE):
            at, uses = then + day * DAY, DayUse()
            uses.add(Use(at, "accepted", "/api/v1/users/self", "192.0.2.7", "curl/8"))
            days = [[made.pk, at.date().isoformat(), uses.as_dict()]]
            client.rpush(LIST, json.dumps({"days": days, "verifiers": []}))
    everybody_is_back()
    everybody_is_back()
    made.refresh_from_db()
    assert (made.use_count, TokenDay.objects.filter(token=made).count()) == (GONE, GONE)
    assert made.last_used_at == then + (GONE - 1) * DAY
