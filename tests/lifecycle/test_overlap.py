"""A new secret beside the old one: both work for a while, and the old one's end never touches the new one."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.audit import AuditEvent
from policies import settings
from policies.governing import decision_for
from policies.overlap import overlap_of, usual_hours
from policies.refusals import Code, Refused
from tests.cast import NOW, School, token
from tests.lifecycle.test_verbs import refusal
from tokens import lifecycle, notifications
from tokens.events import Event
from tokens.lifecycle import RENEWED, Change, Issued
from tokens.models import AccessToken, Notice, SupersededSecret
from tokens.verification import Outcome, verify, verify_many

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INSTANT = timedelta(microseconds=1)


AS_IT_IS = Change()


def rotated(old: Issued, *, overlap: timedelta = HOUR, change: Change = AS_IT_IS, later: timedelta = DAY) -> Issued:
    return lifecycle.regenerate(old.token, change, overlap=overlap, actor=old.token.user, now=NOW + later)


def test_both_secrets_work_until_the_overlap_is_over(school: School) -> None:
    old = token(school.student)
    new, then = rotated(old), NOW + DAY
    for moment, outcome in [
        (then, Outcome.LIVE),
        (then + HOUR - INSTANT, Outcome.LIVE),
        (then + HOUR, Outcome.SUPERSEDED),
    ]:
        assert verify(old.secret, now=moment).outcome == outcome
        assert verify(new.secret, now=moment).outcome == Outcome.LIVE


def test_an_earlier_secret_says_so_and_when_it_stops(school: School) -> None:
    old = token(school.student)
    new = rotated(old)
    both = verify_many([old.secret, new.secret], now=NOW + DAY)
    earlier, present = (checked.token for checked in both)
    assert earlier is not None
    assert present is not None
    assert (earlier.id, earlier.is_superseded, earlier.ends_at) == (old.token.pk, True, NOW + DAY + HOUR)
    assert (present.id, present.is_superseded, present.ends_at) == (old.token.pk, False, new.token.expires_at)


def test_an_earlier_secret_ends_with_its_token_if_that_is_sooner(school: School) -> None:
    old = token(school.student, days=2)
    rotated(old, change=Change(expires_at=NOW + DAY + HOUR / 2))
    assert verify(old.secret, now=NOW + DAY + HOUR / 2).outcome == Outcome.EXPIRED
    lifecycle.revoke(old.token, actor=school.admin, now=NOW + DAY)
    assert verify(old.secret, now=NOW + DAY).outcome == Outcome.REVOKED


def test_what_stops_the_token_stops_both_secrets(school: School) -> None:
    old = token(school.student)
    new = rotated(old)
    lifecycle.suspend(old.token, actor=school.admin, now=NOW + DAY)
    assert {verify(each, now=NOW + DAY).outcome for each in (old.secret, new.secret)} == {Outcome.SUSPENDED}


def test_a_new_secret_without_overlap_stops_all_earlier_ones_at_once(school: School) -> None:
    first = token(school.student)
    second = rotated(first)
    third = lifecycle.regenerate(first.token, actor=school.student, now=NOW + DAY + INSTANT)
    moment = NOW + DAY + INSTANT
    assert verify(first.secret, now=moment).outcome == Outcome.SUPERSEDED
    assert verify(second.secret, now=moment).outcome == Outcome.INVALID
    assert verify(third.secret, now=moment).is_live


def test_a_second_rotation_waits_until_the_first_is_over(school: School) -> None:
    old = token(school.student)
    new = rotated(old)
    assert refusal(lambda: rotated(old, later=DAY + HOUR / 2)) == Code.OVERLAP_GOING
    assert verify(new.secret, now=NOW + DAY + HOUR / 2).is_live
    again = rotated(old, later=DAY + HOUR)
    assert verify(new.secret, now=NOW + DAY + HOUR).is_live
    assert verify(old.secret, now=NOW + DAY + HOUR).outcome == Outcome.SUPERSEDED
    assert verify(again.secret, now=NOW + DAY + HOUR).is_live


def test_only_the_owner_of_an_active_token_lets_a_secret_work_on(school: School) -> None:
    old = token(school.student)
    by_admin = lambda: lifecycle.regenerate(old.token, overlap=HOUR, actor=school.admin, now=NOW)  # noqa: E731
    assert refusal(by_admin) == Code.ROTATE_OWN_ONLY
    lifecycle.suspend(old.token, actor=school.admin, now=NOW)
    assert refusal(lambda: rotated(old)) == Code.ROTATE_ACTIVE_ONLY
    assert not SupersededSecret.objects.exists()


def test_whoever_made_it_for_the_owner_cannot_keep_the_secret_alive(school: School) -> None:
    made = token(school.student, actor=school.admin)
    assert refusal(lambda: rotated(made)) == Code.ROTATE_ACTIVE_ONLY


def test_an_overlap_is_ended_early_once(school: School) -> None:
    old = token(school.student)
    new = rotated(old)
    moment = NOW + DAY + HOUR / 2
    lifecycle.end_overlap(old.token, actor=school.student, now=moment)
    assert verify(old.secret, now=moment).outcome == Outcome.SUPERSEDED
    assert verify(new.secret, now=moment).is_live
    lifecycle.end_overlap(old.token, actor=school.student, now=moment)
    lines = AuditEvent.objects.filter(subject_id=old.token.pk).order_by("pk").values_list("action", flat=True)
    assert list(lines) == [Event.ISSUE, Event.REGENERATE, Event.END_OVERLAP]


def test_owners_hear_who_ended_their_earlier_secret_and_nothing_of_what_they_did_themselves(school: School) -> None:
    for actor in (school.student, school.admin, None):
        rotated(made := token(school.student))
        lifecycle.end_overlap(made.token, actor=actor, now=NOW + DAY + HOUR / 2)
    notices = Notice.objects.filter(person=school.student, event=Event.END_OVERLAP).order_by("pk")
    assert [notice.facts["by"] for notice in notices] == [school.admin.name, ""]
    assert all("present secret works as before" in notifications.letter(notice).body for notice in notices)


def test_the_trail_says_until_when_and_nothing_of_a_secret(school: School) -> None:
    old = token(school.student)
    new = rotated(old)
    line = AuditEvent.objects.get(action=Event.REGENERATE)
    assert line.after["overlap_until"].startswith("2026-11-24T13:00:00")
    assert not [secret for secret in (old.secret, new.secret) if secret in f"{line.before}{line.after}"]


@pytest.mark.parametrize(("days", "made", "left"), [(30, 29, 30), (120, 100, 120), (7, 6, 7)])
def test_a_renewed_token_lives_as_long_again(school: School, days: int, made: int, left: int) -> None:
    old = token(school.student, days=days)
    new = rotated(old, change=Change(expires_at=RENEWED), later=timedelta(days=made))
    assert new.token.expires_at == NOW + timedelta(days=made + left)


def test_a_renewed_token_never_passes_what_the_policy_allows_today(school: School) -> None:
    old = token(school.teacher, days=400)
    school.teacher.enrollments.update(role=school.student.enrollments.get().role)
    new = rotated(old, change=Change(expires_at=RENEWED))
    assert new.token.expires_at == NOW + DAY + timedelta(days=120)


def test_a_renewed_token_without_an_end_has_none_again(school: School) -> None:
    old = token(school.teacher, days=None)
    assert rotated(old, change=Change(expires_at=RENEWED)).token.expires_at is None


def test_whoever_needs_approval_renews_a_token_until_the_end_that_was_approved(school: School) -> None:
    old = token(school.student, days=30)
    settings.change(school.root, {"approval": "students"}, actor=None, now=NOW)
    assert rotated(old, change=Change(expires_at=RENEWED)).token.expires_at == NOW + 30 * DAY


def test_overlaps_are_within_three_days() -> None:
    assert overlap_of(0) == timedelta()
    assert overlap_of(72) == timedelta(days=3)
    for hours in (-1, 73):
        with pytest.raises(Refused):
            overlap_of(hours)


def test_students_take_an_hour_and_others_a_day(school: School) -> None:
    assert usual_hours(decision_for(school.student, now=NOW)) == 1
    assert usual_hours(decision_for(school.teacher, now=NOW)) == 24


def test_what_is_known_of_old_secrets_goes_in_time(school: School) -> None:
    old = token(school.student)
    rotated(old)
    over = NOW + DAY + HOUR
    assert lifecycle.forget_superseded(now=over + timedelta(days=30), keep_days=30) == 0
    assert lifecycle.forget_superseded(now=over + timedelta(days=30, seconds=1), keep_days=30) == 1
    assert verify(old.secret, now=NOW + DAY).outcome == Outcome.INVALID


def test_the_database_holds_overlaps_within_three_days(school: School) -> None:
    old = token(school.student).token
    with pytest.raises(IntegrityError), transaction.atomic():
        _write(old, hours=73)


def test_what_a_clock_that_is_ahead_has_put_aside_can_be_stopped_at_once_by_another(school: School) -> None:
    old = token(school.student)
    renewed = rotated(old).token
    lifecycle.end_overlap(renewed, actor=school.student, now=NOW)
    assert not verify(old.secret, now=NOW).is_live


def test_the_database_lets_no_two_earlier_secrets_work_at_once(school: School) -> None:
    old = token(school.student).token
    _write(old, hours=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        _write(old, hours=1, lookup_id="B" * 16)


@pytest.mark.parametrize("change", [{"works_until": NOW + 2 * HOUR}, {"lookup_id": "C" * 16}])
def test_the_database_never_lets_an_overlap_grow_or_move(school: School, change: dict[str, object]) -> None:
    old = token(school.student).token
    written = _write(old, hours=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupersededSecret.objects.filter(pk=written.pk).update(**change)


def _write(of: AccessToken, *, hours: int, lookup_id: str = "A" * 16) -> SupersededSecret:
    return SupersededSecret.objects.create(
        token=of,
        lookup_id=lookup_id,
        tag=of.tag,
        tag_key=of.tag_key,
        verifier=of.verifier,
        superseded_at=NOW,
        works_until=NOW + timedelta(hours=hours),
    )
