"""Owners are told before their tokens end: once of each step, in one mail a day, late rather than never."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.roles import Base
from policies import settings as policy
from tests.cast import NOW, School, enroll, person, role, token
from tests.pages.visits import rows_of, token_of
from tokens import lifecycle, notifications, tasks, usage
from tokens.clamping import clamp
from tokens.events import Event
from tokens.models import AccessToken, Notice, Reminder, ReminderStep, State
from tokens.reminding import forget, remind_in_batches
from tokens.usage import DayUse, Use

DAY = timedelta(days=1)


def remind(after: float) -> int:
    """Run the job so many days after NOW, at noon; return how many people were told."""
    return sum(remind_in_batches(now=NOW + after * DAY))


def told(owner: User) -> list[dict[str, list[str]]]:
    """The purposes that each word to a person names, by list."""
    notices = Notice.objects.filter(person=owner, event="token.ending").order_by("pk")
    return [{name: [each["purpose"] for each in said] for name, said in one.facts.items() if said} for one in notices]


def try_it(made: AccessToken, at: datetime) -> None:
    """Let something use it although it has ended."""
    day = DayUse()
    day.add(Use(at, "expired", "/verify", "198.51.100.7", "curl/8.9"))
    usage.write({(made.pk, at.astimezone(UTC).date().isoformat()): day}, now=at)


def test_an_owner_is_told_at_each_step_once(school: School) -> None:
    made = token(school.student, days=120).token
    looked = (0, 60, 89, 90, 91, 105, 106, 112, 113, 118, 119, 120, 121, 127, 140, 160)
    assert [day for day in looked if remind(day)] == [90, 106, 113, 119, 120]
    assert told(school.student) == [*4 * [{"ending": [made.purpose]}], {"ended": [made.purpose]}]
    assert remind(119.3) == 0


def test_a_short_life_has_no_word_on_the_day_it_begins(school: School) -> None:
    token(school.student, days=10)
    assert [day for day in (0, 1, 3, 8, 9, 10, 11) if remind(day)] == [9, 10]


def test_one_message_lists_all_that_is_due_and_the_next_day_has_the_next(school: School) -> None:
    for purpose, days in (("Grades", 60), ("Library", 60), ("Thesis", 53), ("Far", 100)):
        token(school.student, purpose=purpose, days=days)
    assert [remind(46.01), remind(46.05), remind(46.1)] == [1, 0, 0]
    assert told(school.student) == [{"ending": ["Thesis", "Grades", "Library"]}]
    assert Reminder.objects.count() == 1


def test_nobody_hears_of_it_twice_on_a_day(school: School) -> None:
    token(school.student, purpose="Grades", days=60)
    remind(46)
    near = token(school.student, purpose="Near", days=60, now=NOW - 14 * DAY).token
    assert remind(46.1) == 0
    assert remind(47) == 1
    assert told(school.student) == [{"ending": ["Grades"]}, {"ended": [near.purpose]}]
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(person=school.student, day=(NOW + 46 * DAY).date())
    step = ReminderStep.objects.filter(token=near).get()
    with pytest.raises(IntegrityError), transaction.atomic():
        ReminderStep.objects.create(token=near, ends_on=step.ends_on, step=step.step)


def test_after_thirty_days_without_workers_there_is_one_word_of_each_token(school: School) -> None:
    token(school.student, purpose="Living", days=118)
    token(school.student, purpose="Over", days=110)
    assert [remind(117), remind(117.1), remind(118), remind(119)] == [1, 0, 1, 0]
    assert told(school.student) == [{"ending": ["Living"], "ended": ["Over"]}, {"ended": ["Living"]}]


def test_what_ended_long_ago_is_no_news(school: School) -> None:
    token(school.student, days=60)
    assert remind(91) == 0


def test_a_token_that_is_tried_a_week_after_its_end_is_told_of_again(school: School) -> None:
    quiet, tried = (token(school.student, purpose=purpose, days=60).token for purpose in ("Quiet", "Tried"))
    assert remind(60) == 1
    try_it(tried, NOW + 66 * DAY)
    try_it(quiet, NOW + 60 * DAY)
    assert [remind(day) for day in (66, 67, 68, 75)] == [0, 1, 0, 0]
    assert told(school.student) == [{"ended": ["Quiet", "Tried"]}, {"tried": ["Tried"]}]


def test_each_account_has_its_own_days(school: School) -> None:
    policy.change(school.root, {"notice_days": [45, 2]}, actor=None, now=NOW)
    policy.change(school.science, {"notice_days": []}, actor=None, now=NOW)
    for owner in (school.student, school.science_admin):
        token(owner, days=100)
    days = (54, 55, 56, 70, 97, 98, 99, 100, 101)
    assert [(day, many) for day in days if (many := remind(day))] == [(55, 1), (98, 1), (100, 2)]
    assert told(school.science_admin) == [{"ended": ["Grade dashboard"]}]


def test_another_end_has_its_own_steps_and_a_word_that_said_it_counts(school: School) -> None:
    made = token(school.teacher, days=80).token
    assert remind(50) == 1
    enroll(school.teacher, role(Base.STUDENT))
    school.teacher.enrollments.filter(role=role(Base.TEACHER)).update(state="completed")
    AccessToken.objects.filter(pk=made.pk).update(expires_at=NOW + 200 * DAY)
    assert clamp(User.objects.all(), actor=None, now=NOW + 51 * DAY) == 1
    assert remind(51.1) == 0
    assert [day for day in (52, 140, 141, 156, 157, 164, 170, 171, 172) if remind(day)] == [141, 157, 164, 170, 171]


def test_a_clamp_to_a_near_end_is_word_enough_for_its_day(school: School) -> None:
    made = token(school.teacher, days=None).token
    AccessToken.objects.filter(pk=made.pk).update(expires_at=NOW + 60 * DAY)
    made.refresh_from_db()
    notifications.owe(Event.CLAMP, [made], actor=None, now=NOW + 50 * DAY)
    assert [day for day in (50, 52, 53, 58, 59, 60, 61) if remind(day + 0.1)] == [53, 59, 60]


def test_an_end_moved_within_its_day_is_not_told_of_again(school: School) -> None:
    made = token(school.student, days=60).token
    assert remind(46) == 1
    AccessToken.objects.filter(pk=made.pk).update(expires_at=NOW + 60 * DAY + timedelta(hours=3))
    assert remind(47) == 0
    AccessToken.objects.filter(pk=made.pk).update(expires_at=NOW + 61 * DAY)
    assert remind(48) == 1


def test_only_what_somebody_has_is_told_of(school: School) -> None:
    """Suspended tokens are; those that wait for activation, are revoked, have no end or whose owner is off are not."""
    waiting = token(school.student, days=60, actor=school.admin).token
    lifecycle.revoke(token(school.other_student, days=60).token, actor=None, now=NOW)
    token(school.teacher, days=None)
    token(school.science_admin, days=60)
    User.objects.filter(pk=school.science_admin.pk).update(is_active=False)
    stopped = token(school.arts_admin, days=60).token
    lifecycle.suspend(stopped, actor=school.admin, now=NOW)
    assert (remind(46), len(told(school.arts_admin))) == (1, 1)
    assert lifecycle.expire_many(now=NOW + 60 * DAY, most=100) == 3
    waiting.refresh_from_db()
    assert waiting.state == State.EXPIRED
    assert (remind(60), len(told(school.arts_admin))) == (1, 2)


def test_owners_are_not_woken_up(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(time_zone="America/Los_Angeles")
    User.objects.filter(pk=school.teacher.pk).update(time_zone="Asia/Riyadh")
    for owner in (school.student, school.teacher):
        token(owner, days=60)
    assert (remind(46), len(told(school.teacher))) == (1, 1)
    assert (remind(46 + 1 / 6), len(told(school.student))) == (1, 1)


def test_a_run_that_was_killed_goes_on_where_a_batch_ended(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokens.reminding.telling.BATCH", 1)
    for owner in (school.student, school.teacher, school.admin):
        token(owner, days=60)
    first = next(remind_in_batches(now=NOW + 46 * DAY))
    assert (first, remind(46)) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_tell_each_person_once(transactional_db: None) -> None:
    owners = [person(f"owner-{number}") for number in range(40)]
    AccessToken.objects.bulk_create(row for owner in owners for row in rows_of(owner, 4, now=NOW, first=15))

    def run(_number: int) -> int:
        try:
            return sum(remind_in_batches(now=NOW + 13 * DAY))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(run, range(2))) == 40
    assert Notice.objects.filter(event="token.ending").values("person").distinct().count() == 40
    assert Notice.objects.filter(event="token.ending").count() == 40


def test_more_people_need_no_more_queries(school: School) -> None:
    AccessToken.objects.bulk_create(rows_of(school.student, 3, now=NOW, first=28))
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert remind(29) == 1
    for number in range(20):
        AccessToken.objects.bulk_create(rows_of(person(f"owner-{number}"), 3, now=NOW, first=28))
    with CaptureQueriesContext(connection) as many:
        assert remind(29) == 20
    assert len(many) == len(few)


def test_the_mail_says_what_ends_when_and_where_to_renew_it(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(time_zone="Asia/Riyadh")
    made = token(school.student, purpose="Grades", days=60).token
    token(school.student, purpose="Library", days=60)
    AccessToken.objects.filter(pk=made.pk).update(last_used_at=NOW)
    remind(46)
    notifications.deliver(now=NOW + 46 * DAY)
    [letter] = mail.outbox
    assert letter.subject == "2 access tokens of yours end soon"
    assert "These access tokens of yours end soon:" in letter.body
    assert (
        "  - Grades\n    Ends: 22 January 2027, 15:00 +03\n    Last used: 23 November 2026, 15:00 +03\n"
        f"    {settings.PUBLIC_URL}/tokens/{made.pk}/\n"
    ) in letter.body
    assert "Never used" in letter.body
    assert isinstance(letter, mail.EmailMultiAlternatives)
    html = str(letter.alternatives[0][0])
    assert f'<a href="{settings.PUBLIC_URL}/tokens/{made.pk}/">' in html


def test_the_mail_is_in_the_language_of_the_owner(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(locale="ar")
    made = token(school.student, purpose="Grades", days=60).token
    for after in (46, 60):
        remind(after)
    try_it(made, NOW + 67 * DAY)
    remind(67)
    notifications.deliver(now=NOW + 67 * DAY)
    subjects = [letter.subject for letter in mail.outbox]
    assert subjects == ["رمز وصول لك ينتهي قريبًا", "انتهى رمز وصول لك", "رمز وصول لك انتهى ولا يزال يُستخدم"]
    assert all("  - Grades\n" in letter.body and f"/tokens/{made.pk}/" in letter.body for letter in mail.outbox)
    assert "لم يُستخدم" in mail.outbox[0].body


def test_what_is_long_past_is_forgotten(school: School) -> None:
    token(school.student, days=60)
    remind(46)
    remind(60)
    assert [forget(now=NOW + day * DAY) for day in (106, 107, 120, 121)] == [0, 1, 0, 3]


def test_the_job_tells_once(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokens.reminding.telling.MORNING", 0)
    token_of(school.student, days=100)
    now = timezone.now()
    AccessToken.objects.update(secret_made_at=now - 60 * DAY, expires_at=now + DAY)
    assert [tasks.remind_of_ends(), tasks.remind_of_ends()] == [1, 0]
