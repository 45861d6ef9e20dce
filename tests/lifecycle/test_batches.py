"""The verbs on many tokens: clamp, expire, revoke."""

from datetime import timedelta

from django.core import mail

from accounts.audit import AuditEvent
from accounts.models import Enrollment, User
from accounts.roles import Base, EnrollmentState
from policies import settings as policy_settings
from tests.cast import NOW, School, enroll, role, token
from tokens import lifecycle, notifications
from tokens.clamping import clamp
from tokens.models import AccessToken, Notice, State
from tokens.reasons import Reason

DAY = timedelta(days=1)
EVERYBODY = User.objects.all()


def becomes_student(user: User) -> None:
    Enrollment.objects.filter(user=user).update(state=EnrollmentState.COMPLETED)
    enroll(user, role(Base.STUDENT))


def test_tokens_made_under_another_role_come_under_the_cap(school: School) -> None:
    endless, far, near = (token(school.teacher, days=days).token for days in (None, 400, 10))
    becomes_student(school.teacher)
    later = NOW + DAY
    assert clamp(EVERYBODY, actor=None, now=later) == 2
    for made, end in ((endless, later + 120 * DAY), (far, later + 120 * DAY), (near, NOW + 10 * DAY)):
        made.refresh_from_db()
        assert made.expires_at == end


def test_the_clamp_tells_the_owner_and_leaves_a_line_once(school: School) -> None:
    token(school.teacher, days=None)
    becomes_student(school.teacher)
    assert [clamp(EVERYBODY, actor=None, now=NOW + n * DAY) for n in range(3)] == [1, 0, 0]
    line = AuditEvent.objects.get(action="token.clamp")
    assert (line.actor, line.before["expires_at"], line.after["expires_at"][:10]) == (None, None, "2027-03-23")
    assert Notice.objects.get(event="token.clamp").person == school.teacher


def test_the_mail_of_a_clamp_says_when_the_token_ends_and_when_it_would_have(school: School) -> None:
    token(school.teacher, purpose="Was endless", days=None)
    token(school.teacher, purpose="Was long", days=400)
    becomes_student(school.teacher)
    clamp(EVERYBODY, actor=None, now=NOW)
    notifications.deliver(now=NOW)
    [sent] = mail.outbox
    lines = [line.strip() for line in str(sent.body).splitlines()]
    ends = [(NOW + days * DAY).strftime("%-d %B %Y, %H:%M UTC") for days in (120, 400)]
    endless, far = lines.index("- Was endless"), lines.index("- Was long")
    assert lines[endless + 1 : endless + 3] == [f"Ends now: {ends[0]}", "Would have ended: never"]
    assert lines[far + 1 : far + 3] == [f"Ends now: {ends[0]}", f"Would have ended: {ends[1]}"]


def test_a_person_with_another_role_is_left_alone(school: School) -> None:
    token(school.teacher, days=None)
    enroll(school.teacher, role(Base.STUDENT))
    assert clamp(EVERYBODY, actor=None, now=NOW) == 0


def test_the_daily_job_finds_an_enrollment_that_ended_by_the_calendar(school: School) -> None:
    made = token(school.teacher, days=None).token
    enroll(school.teacher, role(Base.STUDENT))
    Enrollment.objects.filter(user=school.teacher, role=role(Base.TEACHER)).update(ends_at=NOW + DAY)
    assert clamp(EVERYBODY, actor=None, now=NOW + DAY - timedelta(seconds=1)) == 0
    assert clamp(EVERYBODY, actor=None, now=NOW + DAY) == 1
    made.refresh_from_db()
    assert made.expires_at == NOW + 121 * DAY


def test_a_shorter_cap_reaches_tokens_in_the_same_transaction(school: School) -> None:
    made = token(school.student, days=100).token
    policy_settings.change(school.root, {"student_cap_days": 30}, actor=school.admin, now=NOW + DAY)
    made.refresh_from_db()
    assert made.expires_at == NOW + 31 * DAY


def test_a_cap_of_one_faculty_leaves_the_others_alone(school: School) -> None:
    mine, theirs = token(school.student, days=100).token, token(school.outsider, days=100).token
    policy_settings.change(school.arts, {"student_cap_days": 30}, actor=school.admin, now=NOW)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.expires_at, theirs.expires_at) == (NOW + 30 * DAY, NOW + 100 * DAY)


def test_expired_tokens_are_noted_with_a_line_each(school: School) -> None:
    for days in (1, 2, 40):
        token(school.student, days=days)
    assert lifecycle.expire_many(now=NOW + 3 * DAY, most=1) == 1
    assert lifecycle.expire_many(now=NOW + 3 * DAY, most=10) == 1
    assert lifecycle.expire_many(now=NOW + 3 * DAY, most=10) == 0
    assert AccessToken.objects.filter(state=State.EXPIRED).count() == 2
    assert AuditEvent.objects.filter(action="token.expire", actor=None).count() == 2


def test_revoking_all_ends_every_open_token_of_one_person(school: School) -> None:
    for _ in range(3):
        token(school.student)
    lifecycle.suspend(AccessToken.objects.all()[0], actor=school.admin, now=NOW)
    token(school.student, actor=school.admin)
    token(school.student, days=1)
    token(school.other_student)
    assert lifecycle.revoke_all(school.student, actor=school.admin, now=NOW + 2 * DAY, reason=Reason("left")) == 4
    assert lifecycle.revoke_all(school.student, actor=school.admin, now=NOW + 2 * DAY) == 0
    assert AccessToken.objects.live(now=NOW + 2 * DAY).get().user == school.other_student
    assert Notice.objects.filter(event="token.revoke").count() == 1


def test_the_line_of_a_clamp_reads_like_that_of_an_update(school: School) -> None:
    """One statement writes many lines of clamps; what they keep has the form that every other verb gives it."""
    cast = {days: token(school.teacher, days=days).token for days in (None, 400)}
    lifecycle.update(cast[400], lifecycle.Change(expires_at=NOW + 300 * DAY), actor=school.teacher, now=NOW)
    becomes_student(school.teacher)
    later = NOW + timedelta(days=1, microseconds=123456)
    assert clamp(EVERYBODY, actor=school.admin, now=later) == 2

    update = AuditEvent.objects.get(action="token.update")
    for made, before in ((cast[None], None), (cast[400], update.after["expires_at"])):
        made.refresh_from_db()
        assert (made.expires_at, made.updated_at) == (later + 120 * DAY, later)
        line = AuditEvent.objects.get(action="token.clamp", subject_id=made.pk)
        assert (line.at, line.actor, line.person, line.account) == (later, school.admin, school.teacher, None)
        assert (line.before, line.after) == ({"expires_at": before}, {"expires_at": "2027-03-24T12:00:00.123Z"})


def test_the_clamp_touches_only_what_ends_beyond_its_owners_ceiling(school: School) -> None:
    ends = {days: token(school.student, days=days).token for days in (10, 90)}
    lifecycle.revoke(token(school.student, days=100).token, actor=school.admin, now=NOW)
    policy_settings.change(school.root, {"student_cap_days": 30}, actor=school.admin, now=NOW)
    assert [line.subject_id for line in AuditEvent.objects.filter(action="token.clamp")] == [ends[90].pk]
    [told] = Notice.objects.get(event="token.clamp").facts["tokens"]
    until = {"expires_at": "2026-12-23T12:00:00+00:00", "before": "2027-02-21T12:00:00+00:00"}
    assert told == {"id": ends[90].pk, "purpose": "Grade dashboard", **until}
