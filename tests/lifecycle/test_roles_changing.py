"""What becomes of a person's tokens when they gain or lose the last role other than student (rule R3).

It is settled in the transaction that changes the role, whichever way that comes, and the owner is told.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.db import transaction

from accounts import enrolling
from accounts.audit import AuditEvent
from accounts.models import Course, Enrollment, User
from accounts.roles import Base, EnrollmentState
from policies import settings as policy_settings
from policies.governing import decision_for
from tests.accounts.roster import load, write
from tests.cast import NOW, School, enroll, role, token
from tokens import lifecycle, notifications
from tokens.models import AccessToken, Notice

DAY = timedelta(days=1)
Act = Callable[[School, Path], object]
COURSES = "course_id,short_name,long_name,account_id,status\n"
HELD = "course_id,user_id,role,status\n"


@pytest.fixture
def known(school: School) -> School:
    """The school as its rosters know it; the teacher is a student too."""
    User.objects.filter(pk=school.teacher.pk).update(sis_user_id="t")
    User.objects.filter(pk=school.student.pk).update(sis_user_id="s")
    Course.objects.filter(pk=school.history.pk).update(sis_course_id="h")
    enroll(school.teacher, role(Base.STUDENT), course=school.physics)
    return school


def teaching(school: School) -> Enrollment:
    return school.teacher.enrollments.get(role=role(Base.TEACHER))


def change(school: School, _place: Path, **values: object) -> None:
    enrolling.change(teaching(school), values, actor=school.admin, now=NOW)


def end(school: School, _place: Path) -> None:
    enrolling.end(teaching(school), actor=school.admin, now=NOW)


def put_off(school: School, place: Path) -> None:
    change(school, place, starts_at=NOW + DAY)


def run_out(school: School, place: Path) -> None:
    change(school, place, ends_at=NOW)


def switch_off(school: School, place: Path) -> None:
    change(school, place, state=EnrollmentState.INACTIVE)


def become_a_student(school: School, _place: Path) -> None:
    enrolling.enroll(school.teacher, role(Base.STUDENT), school.history, actor=school.admin, now=NOW)
    enrolling.end(teaching(school), state=EnrollmentState.DELETED, actor=school.admin, now=NOW)


def load_role(_school: School, place: Path) -> None:
    load(write(place, {"enrollments.csv": f"{HELD}h,t,student,active\nh,t,teacher,deleted\n"}))


def load_closed_course(_school: School, place: Path) -> None:
    load(write(place, {"courses.csv": f"{COURSES}h,HIST 101,History,,completed\n"}))


def load_ended_course(_school: School, place: Path) -> None:
    header = COURSES.replace("\n", ",end_date\n")
    load(write(place, {"courses.csv": f"{header}h,HIST 101,History,,active,2026-11-01\n"}))


LOSING: list[Act] = [
    end,
    put_off,
    run_out,
    switch_off,
    become_a_student,
    load_role,
    load_closed_course,
    load_ended_course,
]


def of(acts: Iterable[Act]) -> pytest.MarkDecorator:
    """Each way in which it comes, by its name."""
    return pytest.mark.parametrize("act", acts, ids=lambda act: act.__name__)


@of(LOSING)
def test_whoever_loses_the_last_other_role_comes_under_the_cap_at_once_and_is_told(
    known: School, tmp_path: Path, act: Act
) -> None:
    endless, near = (token(known.teacher, days=days).token for days in (None, 10))

    with transaction.atomic():
        act(known, tmp_path)
        endless.refresh_from_db()  # not a job's work after the commit
        assert endless.expires_at == NOW + 120 * DAY

    near.refresh_from_db()
    assert near.expires_at == NOW + 10 * DAY
    line = AuditEvent.objects.get(action="token.clamp")
    assert (line.person, line.subject_id) == (known.teacher, endless.pk)
    notice = Notice.objects.get()
    assert (notice.person, notice.event) == (known.teacher, "token.clamp")
    assert [each["id"] for each in notice.facts["tokens"]] == [endless.pk]
    assert notifications.deliver(now=NOW) == 1
    assert mail.outbox[0].to == [known.teacher.email]


@of(LOSING)
def test_where_the_loss_is_taken_back_nobody_is_told_of_it(known: School, tmp_path: Path, act: Act) -> None:
    endless = token(known.teacher, days=None).token

    with transaction.atomic():
        act(known, tmp_path)
        transaction.set_rollback(True)

    endless.refresh_from_db()
    assert endless.expires_at is None
    assert not Notice.objects.exists()
    assert not AuditEvent.objects.filter(action="token.clamp").exists()


def test_the_line_of_a_clamp_names_who_took_the_role_away(known: School) -> None:
    token(known.teacher, days=None)
    enrolling.end(teaching(known), actor=known.admin, now=NOW)
    assert AuditEvent.objects.get(action="token.clamp").actor == known.admin


def become_assistant(school: School, _place: Path) -> None:
    enrolling.enroll(school.student, role(Base.TA), school.history, actor=school.admin, now=NOW)


def come_back(school: School, _place: Path) -> None:
    former = enroll(school.student, role(Base.TA), course=school.history, state=EnrollmentState.COMPLETED)
    enrolling.change(former, {"state": EnrollmentState.ACTIVE}, actor=school.admin, now=NOW)


def begin(school: School, _place: Path) -> None:
    coming = enroll(school.student, role(Base.TA), course=school.history, starts_at=NOW + DAY)
    enrolling.change(coming, {"starts_at": NOW}, actor=school.admin, now=NOW)


def load_assistant(_school: School, place: Path) -> None:
    load(write(place, {"enrollments.csv": f"{HELD}h,s,ta,active\n"}))


def load_open_course(school: School, place: Path) -> None:
    enroll(school.student, role(Base.TA), course=school.history)
    Course.objects.filter(pk=school.history.pk).update(state="completed")
    load(write(place, {"courses.csv": f"{COURSES}h,HIST 101,History,,active\n"}))


GAINING: list[Act] = [become_assistant, come_back, begin, load_assistant, load_open_course]


@of(GAINING)
def test_whoever_gains_another_role_may_have_endless_tokens_at_once_but_gets_none_by_it(
    known: School, tmp_path: Path, act: Act
) -> None:
    made = token(known.student, days=100).token
    assert decision_for(known.student, now=NOW).capped

    with transaction.atomic():
        act(known, tmp_path)
        assert not decision_for(known.student, now=NOW).capped

    made.refresh_from_db()
    assert made.expires_at == NOW + 100 * DAY
    assert not Notice.objects.exists()  # nothing has happened to a token of theirs
    unlimited = lifecycle.update(made, lifecycle.Change(expires_at=None), actor=known.student, now=NOW)
    assert unlimited.expires_at is None


@of(GAINING)
def test_a_role_that_is_gained_can_bring_a_shorter_limit_and_the_owner_is_told(
    known: School, tmp_path: Path, act: Act
) -> None:
    made = token(known.student, days=100).token
    policy_settings.change(known.root, {"teaching_cap_days": 30}, actor=known.admin, now=NOW)

    with transaction.atomic():
        act(known, tmp_path)
        made.refresh_from_db()
        assert made.expires_at == NOW + 30 * DAY

    assert Notice.objects.get(event="token.clamp").person == known.student
    assert AccessToken.objects.count() == 1
