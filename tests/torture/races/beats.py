"""Each job at once twice, as two workers run it: what it does is done once, and so is the word about it.

The jobs read the clock, so what they find is due by the clock. Half of the races go round the lock that lets one run of
a job in at a time, to what has to hold without it: a lock of a session is lost with its connection.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.core import mail
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from policies.models import Exemption
from tests.cast import zone_of_noon
from tests.torture.races import cast
from tests.torture.races.cast import DAY, HOUR, held, student
from tests.torture.races.crowds import carrying, made
from tests.torture.races.judging import all_of, broken_trail, tokens_of, wrong
from tests.torture.races.lane import Run
from tests.torture.races.track import Race, Trial
from tokens import clamping, leaks, lifecycle, notifications, reminding, requests, tasks, tending, warning
from tokens.models import AccessToken, BulkAct, BulkKind, Notice, State, TokenRequest
from tokens.models.leak import FoundBy, Leak

YEAR = 365 * DAY


class Due(NamedTuple):
    """Somebody of whom a job has to take care, and how often it must have written which lines and words of them."""

    person: User
    lines: dict[str, int]
    words: dict[str, int]


class Job(NamedTuple):
    """A job, what it does without its lock, batch by batch, and what it finds to do."""

    task: Callable[[], object]
    bare: Callable[[datetime], Iterable[object]]
    due: Callable[[datetime], Due]


def to_expire(now: datetime) -> Due:
    owner = student()
    for _each in range(2):
        held(owner, ends_at=now - HOUR, made_at=now - YEAR)
    return Due(owner, {"token.expire": 2}, {})


def to_clamp(now: datetime) -> Due:
    owner = student()
    for _each in range(2):
        held(owner, ends_at=None, made_at=now - DAY)
    return Due(owner, {"token.clamp": 2}, {"token.clamp": 1})


def to_warn_unused(now: datetime) -> Due:
    owner = student(cast.faculty(unused_days=30))
    held(owner, ends_at=now + 90 * DAY, made_at=now - 28 * DAY)
    return Due(owner, {"token.unused_warning": 1}, {"token.unused_warning": 1})


def to_end_unused(now: datetime) -> Due:
    owner = student(cast.faculty(unused_days=30))
    held(owner, ends_at=now + 90 * DAY, made_at=now - 60 * DAY)
    AccessToken.objects.filter(user=owner).update(unused_warned_at=now - 20 * DAY)
    return Due(owner, {"token.revoke": 1}, {"token.revoke": 1})


def to_lapse(now: datetime) -> Due:
    person = student()
    TokenRequest.objects.create(
        person=person, purpose="A thesis", why="It is long", expires_at=now + YEAR, made_at=now - 20 * DAY
    )
    return Due(person, {"request.lapse": 1}, {"request.lapse": 1})


def to_warn_of_exemption(now: datetime) -> Due:
    person = student()
    Exemption.objects.create(
        account=cast.school().root,
        person=person,
        reason="A thesis",
        approved_by=cast.school().admin,
        starts_at=now - 90 * DAY,
        ends_at=now + 3 * DAY,
    )
    return Due(person, {}, {"exemption.warn": 1})


def to_remind(now: datetime) -> Due:
    """In a zone where it is day."""
    owner = student()
    User.objects.filter(pk=owner.pk).update(time_zone=zone_of_noon(now))
    held(owner, ends_at=now + 6 * DAY, made_at=now - 90 * DAY)
    held(owner, ends_at=now + 6 * DAY, made_at=now - 90 * DAY)
    return Due(owner, {}, {"token.ending": 1})


def to_settle(now: datetime) -> Due:
    owner = student(cast.faculty(leaked_tokens="revoke"))
    token = held(owner, ends_at=now + 30 * DAY, made_at=now - DAY).token
    for place in ("a forum", "a commit"):
        Leak.objects.create(
            token=token,
            lookup_id=token.lookup_id,
            is_right=True,
            found_by=FoundBy.SCANNER,
            place=place,
            reported_at=now - HOUR,
        )
    return Due(owner, {"token.revoke": 1}, {"leak.found": 1})


def to_revoke_many(now: datetime) -> Due:
    owner = student()
    held(owner, ends_at=now + 30 * DAY, made_at=now - DAY)
    made(BulkKind.REVOKE, [owner])
    return Due(owner, {"token.revoke": 1}, {"token.revoke": 1})


def to_mail(now: datetime) -> Due:
    owner = student()
    Notice.objects.all().delete()
    lifecycle.revoke(held(owner, ends_at=now + DAY).token, actor=None, now=now)
    return Due(owner, {"token.revoke": 1}, {"token.revoke": 1})


def _carry_out(_now: datetime) -> Iterable[object]:
    for pk in list(BulkAct.objects.filter(finished_at=None).values_list("pk", flat=True)):
        yield carrying(BulkAct.objects.get(pk=pk))()


JOBS = {
    "expire": Job(tasks.expire_tokens, lambda now: [lifecycle.expire_many(now=now, most=500)], to_expire),
    "clamp": Job(
        tasks.clamp_tokens, lambda now: clamping.clamp_in_batches(User.objects.all(), actor=None, now=now), to_clamp
    ),
    "warn of unused": Job(tasks.tend_unused_tokens, lambda now: tending.tend_in_batches(now=now), to_warn_unused),
    "end unused": Job(tasks.tend_unused_tokens, lambda now: tending.tend_in_batches(now=now), to_end_unused),
    "lapse": Job(tasks.lapse_requests, lambda now: [requests.lapse_many(now=now, most=500)], to_lapse),
    "warn of exemption": Job(tasks.warn_of_exemptions, lambda now: [warning.warn(now=now)], to_warn_of_exemption),
    "remind": Job(tasks.remind_of_ends, lambda now: reminding.remind_in_batches(now=now), to_remind),
    "settle": Job(tasks.settle_leaks, lambda now: leaks.settle_in_batches(now=now), to_settle),
    "carry out": Job(tasks.carry_out_bulk, _carry_out, to_revoke_many),
    "mail": Job(tasks.deliver_notices, lambda now: [notifications.deliver(now=now)], to_mail),
}


def twice(job: Job, *, is_bare: bool) -> Trial:
    now = timezone.now()
    due = job.due(now)
    run = (lambda: list(job.bare(now))) if is_bare else job.task
    mail.outbox = []

    def judge(_one: Run, _other: Run) -> str:
        job.task()  # beat's next run: what the two have left to each other
        lines = Counter(AuditEvent.objects.filter(person=due.person).values_list("action", flat=True))
        words = Counter(Notice.objects.filter(person=due.person).values_list("event", flat=True))
        names = [each.extra_headers["Message-ID"] for each in mail.outbox]
        found = all_of(
            wrong(
                its_lines_are_written_once=all(lines[name] == times for name, times in due.lines.items()),
                its_words_are_owed_once=all(words[name] == times for name, times in due.words.items()),
                each_mail_goes_out_once=len(names) == len(set(names)),
                it_went_out_if_that_is_the_job=bool(names) == (job.task is tasks.deliver_notices),
            ),
            broken_trail(*tokens_of(due.person)),
        )
        _put_away(due.person, now=now)
        return found

    return Trial(run, run, judge)


def _put_away(owner: User, *, now: datetime) -> None:
    """End their tokens, or the daily clamp would look at those of all earlier trials in each."""
    for token in AccessToken.objects.of(owner).exclude(state=State.REVOKED):
        lifecycle.revoke(token, actor=None, now=now)


RACES = [
    *(
        Race(f"two beats: {name}", "done once, told once", partial(twice, job, is_bare=False))
        for name, job in JOBS.items()
    ),
    *(
        Race(f"{name} x {name} without the lock", "done once, told once", partial(twice, job, is_bare=True))
        for name, job in JOBS.items()
        if name not in ("lapse", "warn of exemption")  # they have none
    ),
]
