"""What a change does to tokens when its grace time is over: as its preview said, once, however often it is killed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from accounts import locks
from accounts.audit import AuditEvent
from accounts.models import Enrollment, User
from accounts.roles import Base, EnrollmentState
from policies import planning
from policies.ending import Existing
from policies.models import PlannedChange, Stage
from policies.planning import Plan
from tests.cast import NOW, School, endless_token, enroll, person, role, token
from tests.planning.waiting import wait_for
from tokens import applying, lifecycle, receivers, tasks
from tokens.models import AccessToken, Notice, State

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EFFECT = NOW + 14 * DAY


@pytest.fixture(autouse=True)
def held(school: School) -> None:
    token(school.student, days=120)
    token(school.student, days=10)
    token(school.other_student, days=90)
    token(school.teacher, days=None)


def planned(school: School, values: dict[str, Any], **terms: Any) -> PlannedChange:
    wanted = Plan(school.root, values, **terms)
    shown = planning.show(wanted, actor=school.admin, now=NOW)
    saved = planning.save(
        wanted, quoted=shown.quote, typed=shown.preview.tokens.hit, actor=school.admin, now=NOW
    ).planned
    assert saved is not None
    return saved


def ends() -> dict[int, datetime | None]:
    return dict(AccessToken.objects.exclude(state=State.REVOKED).order_by("pk").values_list("pk", "expires_at"))


def now_of(change: PlannedChange) -> PlannedChange:
    change.refresh_from_db()
    return change


@pytest.fixture
def by_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where many people are concerned: what begins is left to a job, which takes two people at a time."""
    monkeypatch.setattr(receivers, "AT_ONCE", 0)
    monkeypatch.setattr(applying, "BATCH", 2)


def test_nothing_happens_in_the_grace_time_and_all_of_it_afterwards(school: School) -> None:
    before = ends()
    change = planned(school, {"student_cap_days": 30})
    assert ends() == before
    planning.begin(change.pk, now=EFFECT)
    assert sorted(ends().values(), key=str) == sorted(
        [EFFECT + 30 * DAY, NOW + 10 * DAY, EFFECT + 30 * DAY, None], key=str
    )
    assert (now_of(change).stage, change.shortened, change.revoked) == (Stage.APPLIED, 2, 0)
    assert change.shortened == change.figures["shortened"]


def test_owners_are_told_and_every_token_has_its_line(school: School) -> None:
    planning.begin(planned(school, {"student_cap_days": 30}).pk, now=EFFECT)
    lines = AuditEvent.objects.filter(action="token.clamp")
    assert {(line.actor, line.person) for line in lines} == {
        (school.admin, school.student),
        (school.admin, school.other_student),
    }
    assert Notice.objects.filter(event="token.clamp").count() == 2
    done = AuditEvent.objects.get(action="policy.apply")
    assert (done.actor, done.after) == (school.admin, {"shortened": 2, "revoked": 0})


def test_without_grace_it_is_done_when_saving_returns(school: School) -> None:
    change = planned(school, {"student_cap_days": 30}, grace_days=0)
    assert (change.stage, change.shortened) == (Stage.APPLIED, 2)
    assert NOW + 120 * DAY not in ends().values()


@pytest.mark.parametrize(
    ("existing", "end", "left"),
    [
        (Existing.KEEP, None, [NOW + 10 * DAY, NOW + 90 * DAY, NOW + 120 * DAY, None]),
        (Existing.RUN_OUT, None, [NOW + 10 * DAY, NOW + 90 * DAY, NOW + 120 * DAY, EFFECT + 120 * DAY]),
        (Existing.END_ON, NOW + 50 * DAY, [NOW + 10 * DAY, NOW + 50 * DAY, NOW + 50 * DAY, NOW + 50 * DAY]),
        (Existing.REVOKE, None, [NOW + 10 * DAY]),
    ],
)
def test_tokens_of_those_who_lose_come_to_what_was_chosen(
    school: School, existing: Existing, end: datetime | None, left: list[datetime | None]
) -> None:
    wanted = Plan(school.root, {"audience": "admins_only"}, existing, end)
    shown = planning.show(wanted, actor=school.admin, now=NOW)
    saved = planning.save(wanted, quoted=shown.quote, actor=school.admin, now=NOW)
    if saved.planned:
        planning.begin(saved.planned.pk, now=EFFECT)
        assert (now_of(saved.planned).shortened, saved.planned.revoked) == (
            shown.preview.tokens.shortened,
            shown.preview.tokens.revoked,
        )
    assert sorted(ends().values(), key=str) == sorted(left, key=str)


def test_revoking_needs_the_right_to_when_it_happens(school: School) -> None:
    change = planned(school, {"audience": "admins_only"}, existing=Existing.REVOKE)
    Enrollment.objects.filter(user=school.admin).update(state=EnrollmentState.COMPLETED)
    planning.begin(change.pk, now=EFFECT)
    assert (now_of(change).stage, change.revoked) == (Stage.APPLIED, 0)


def test_one_change_ends_the_tokens_of_some_and_shortens_those_of_others(school: School) -> None:
    values = {"audience": "no_students", "teaching_cap_days": 30}
    change = planned(school, values, existing=Existing.REVOKE)
    planning.begin(change.pk, now=EFFECT)
    assert list(ends().values()) == [NOW + 10 * DAY, EFFECT + 30 * DAY]  # the first was over before
    assert (now_of(change).stage, change.shortened, change.revoked) == (Stage.APPLIED, 1, 2)
    ended = AccessToken.objects.filter(state=State.REVOKED)
    assert {(each.revoked_by, each.revoked_reason, each.revoked_code) for each in ended} == {
        (school.admin, "Who may create tokens was changed.", "policy")
    }


def test_what_a_change_ends_it_does_not_shorten_before(school: School) -> None:
    values = {"audience": "no_students", "student_cap_days": 30}
    change = planned(school, values, existing=Existing.REVOKE)
    planning.begin(change.pk, now=EFFECT)
    assert (now_of(change).shortened, change.revoked) == (0, 2)
    assert not AuditEvent.objects.filter(action="token.clamp").exists()


def test_what_somebody_got_since_it_began_is_not_ended(school: School, by_a_job: None) -> None:
    change = planned(school, {"audience": "no_students"}, existing=Existing.REVOKE)
    planning.begin(change.pk, now=EFFECT)
    later = EFFECT + timedelta(minutes=1)
    made = token(school.student, actor=school.admin, now=later).token
    lifecycle.apply_change(now_of(change), [school.student.pk, school.other_student.pk], now=later)
    ended = AccessToken.objects.filter(state=State.REVOKED)
    assert {each.user for each in ended} == {school.student, school.other_student}
    made.refresh_from_db()
    assert made.state == State.PENDING


def test_people_and_whoever_made_a_change_have_the_roles_that_count_when_it_is_carried_out(school: School) -> None:
    enroll(school.other_student, role(Base.TA), starts_at=EFFECT, ends_at=EFFECT + DAY)
    school.admin.enrollments.update(starts_at=NOW - DAY, ends_at=EFFECT + DAY)
    change = planned(school, {"audience": "no_students"}, existing=Existing.REVOKE)
    planning.begin(change.pk, now=EFFECT)
    assert {each.user for each in AccessToken.objects.filter(state=State.REVOKED)} == {school.student}


def test_a_change_of_the_portals_own_ends_whatever_it_has_to(school: School) -> None:
    change = planned(school, {"audience": "no_students"}, existing=Existing.REVOKE)
    PlannedChange.objects.filter(pk=change.pk).update(made_by=None)
    planning.begin(change.pk, now=EFFECT)
    ended = AccessToken.objects.filter(state=State.REVOKED)
    assert {(each.user, each.revoked_by) for each in ended} == {
        (school.student, None),
        (school.other_student, None),
    }


def test_who_has_another_role_by_then_is_left_alone(school: School) -> None:
    change = planned(school, {"student_cap_days": 30})
    enroll(school.student, role(Base.TA))
    planning.begin(change.pk, now=EFFECT)
    assert NOW + 120 * DAY in ends().values()


def test_a_token_made_by_the_new_rules_keeps_its_end(school: School, by_a_job: None) -> None:
    change = planned(school, {"student_cap_days": 30})
    planning.begin(change.pk, now=EFFECT)
    later = EFFECT + timedelta(minutes=1)
    made = token(school.student, days=30, now=later).token
    assert list(applying.apply_in_batches(change.pk, clock=lambda: later))
    made.refresh_from_db()
    assert made.expires_at == later + 30 * DAY


def test_many_ends_are_spread_before_the_limit_and_come_out_the_same_again(school: School) -> None:
    users = [person(f"s{n}") for n in range(210)]
    for user in users:
        enroll(user, role(Base.STUDENT))
        endless_token(user)
    change = planned(school, {"student_cap_days": 80})
    planning.begin(change.pk, now=EFFECT)
    hit = AccessToken.objects.filter(user__in=users)
    limit = EFFECT + 80 * DAY
    found = {made.pk: made.expires_at for made in hit}
    assert all(limit - 30 * DAY <= end <= limit for end in found.values() if end)
    assert None not in found.values()
    per_day = hit.values("expires_at__date").annotate(number=Count("pk"))
    assert max(day["number"] for day in per_day) <= 25
    assert lifecycle.clamp_many([user.pk for user in users], actor=None, now=EFFECT) == 0


class Killed(Exception):
    """What a worker is met by."""


def test_a_run_that_dies_anywhere_goes_on_and_does_nothing_twice(
    school: School, by_a_job: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [person(f"s{n}") for n in range(7)]
    for user in users:
        enroll(user, role(Base.STUDENT))
        endless_token(user)
    change = planned(school, {"student_cap_days": 30})
    planning.begin(change.pk, now=EFFECT)
    assert now_of(change).stage == Stage.APPLYING
    done = lifecycle.apply_change

    def dies(*arguments: Any, **named: Any) -> Any:
        done(*arguments, **named)
        raise Killed

    steps = 0
    while now_of(change).stage == Stage.APPLYING:
        monkeypatch.setattr(lifecycle, "apply_change", dies)
        with pytest.raises(Killed):
            list(applying.apply_in_batches(change.pk, clock=lambda: EFFECT + DAY))
        monkeypatch.setattr(lifecycle, "apply_change", done)
        next(applying.apply_in_batches(change.pk, clock=lambda: EFFECT + DAY), None)
        steps += 1
        if not applying.owners(now_of(change), now=EFFECT + DAY).exists():
            list(applying.apply_in_batches(change.pk, clock=lambda: EFFECT + DAY))
    assert steps > 3
    assert change.shortened == 9 == AuditEvent.objects.filter(action="token.clamp").count()
    assert set(AccessToken.objects.filter(user__in=users).values_list("expires_at", flat=True)) == {EFFECT + 30 * DAY}
    assert User.objects.filter(pk__in=Notice.objects.filter(event="token.clamp").values("person")).count() == 9


def test_the_job_begins_what_is_due_and_carries_it_out(school: School) -> None:
    then = timezone.now() - 2 * DAY
    for days in (100, 110):
        token(school.other_student, days=days, now=then)
    wanted = Plan(school.root, {"student_cap_days": 95}, grace_days=1)
    shown = planning.show(wanted, actor=school.admin, now=then)
    change = planning.save(wanted, quoted=shown.quote, actor=school.admin, now=then).planned
    assert change is not None
    assert [tasks.apply_changes() for _twice in range(2)] == [1, 0]
    assert (now_of(change).stage, change.shortened) == (Stage.APPLIED, shown.preview.tokens.hit)


@pytest.mark.parametrize("clamp", [tasks.clamp_tokens, lambda: call_command("clamp_tokens")], ids=["job", "command"])
def test_a_clamp_of_everybody_carries_out_first_what_began_so_that_nothing_is_shortened_twice(
    school: School, by_a_job: None, clamp: Callable[[], object]
) -> None:
    then = timezone.now() - HOUR
    fresh = [token(school.other_student, days=days, now=then).token.pk for days in (100, 110)]
    change = wait_for(school.root, {"student_cap_days": 60}, actor=school.admin, now=then, grace_days=0)
    clamp()
    assert tasks.apply_changes() == 0
    assert now_of(change).stage == Stage.APPLIED
    lines = AuditEvent.objects.filter(action="token.clamp", subject_id__in=fresh)
    assert lines.count() == 2
    assert set(AccessToken.objects.filter(pk__in=fresh).values_list("expires_at", flat=True)) == {then + 60 * DAY}


def test_the_job_goes_on_with_what_began(school: School, by_a_job: None) -> None:
    change = planned(school, {"student_cap_days": 30}, grace_days=0)
    assert change.stage == Stage.APPLYING
    assert [tasks.apply_changes() for _twice in range(2)] == [1, 0]
    assert (now_of(change).stage, change.shortened) == (Stage.APPLIED, 2)


@pytest.mark.django_db(transaction=True)
def test_a_change_waits_for_the_next_run_while_a_roster_is_being_loaded(
    school: School, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = timezone.now()
    change = wait_for(school.root, {"student_cap_days": 30}, actor=school.admin, now=now - 15 * DAY)
    monkeypatch.setattr(locks.take_rules, "__kwdefaults__", {"patience": 0.01})
    roster = connection.copy()
    try:
        roster.set_autocommit(False)
        with roster.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [locks._RULES])
            assert cursor.fetchone() == (True,)
        assert tasks.apply_changes() == 0
        roster.rollback()
    finally:
        roster.close()
    assert f"Change {change.pk} of settings waits: rules_busy" in caplog.text
    assert now_of(change).stage == Stage.WAITING
    assert tasks.apply_changes() == 1
    assert now_of(change).stage == Stage.APPLIED
