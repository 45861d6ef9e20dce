"""The jobs. Each may run twice, at once or half way: a second run finds nothing left to do."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from celery import shared_task
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from policies import applying, planning
from policies.refusals import Refused
from tokens import (
    bulk,
    classes,
    digest,
    emergency,
    leaks,
    lifecycle,
    notifications,
    reminding,
    requests,
    reviews,
    usage,
    warning,
    webhooks,
)
from tokens.announcing import announce
from tokens.applying import apply_in_batches
from tokens.clamping import clamp
from tokens.foretelling import tell_in_batches, undone, untell_in_batches, waiting
from tokens.models import BulkAct, DeviceCode, IdempotentAnswer
from tokens.signals.looking import look_in_batches
from tokens.tending import tend_in_batches

logger = logging.getLogger(__name__)
EXPIRE_BATCH, LAPSE_BATCH = 500, 500
# Keys of advisory locks: one run of a job at a time, whoever started it.
CLAMP_LOCK, EXPIRE_LOCK, USAGE_LOCK, UNUSED_LOCK = 7_221_002, 7_221_003, 7_221_004, 7_221_014
TELL_LOCK, ANNOUNCE_LOCK, LOOK_LOCK, LEAK_LOCK = 7_221_015, 7_221_016, 7_221_019, 7_221_018
BULK_LOCK, PAUSE_LOCK, REVIEW_LOCK, MAIL_LOCK = 7_221_017, 7_221_020, 7_221_021, 7_221_022
REMIND_LOCK, CLASS_LOCK = 7_221_023, 7_221_034
WEBHOOK_LOCK, DIGEST_LOCK = 7_221_036, 7_221_038


@contextmanager
def alone(key: int) -> Iterator[bool]:
    """Hold an advisory lock of the database session; yields False, at once, where another run has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        [got] = cursor.fetchone()
        try:
            yield got
        finally:
            if got:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


@shared_task
def clamp_tokens() -> int:
    """Bring every token under its owner's cap of today: for what the calendar changes, and as the safety net."""
    with alone(CLAMP_LOCK) as got:
        if not got:
            return 0
        shortened = clamp(User.objects.all(), actor=None, now=timezone.now())
        if shortened:
            logger.info("Clamped %s tokens to their owners' caps", shortened)
        return shortened


@shared_task
def carry_out_bulk() -> int:
    """Carry out what somebody does to many tokens, the oldest act first; return how many tokens were looked at."""
    with alone(BULK_LOCK) as got:
        if not got:
            return 0
        going = BulkAct.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True)
        return sum(sum(bulk.carry_out(pk, clock=timezone.now)) for pk in list(going))


def start_bulk() -> None:
    """Queue what somebody does to many tokens."""
    carry_out_bulk.delay()


def start_clamp() -> None:
    """Queue a clamp of everybody."""
    clamp_tokens.delay()


@shared_task
def apply_changes() -> int:
    """Begin the changes of settings whose grace time is over, and carry them out; return how many that were."""
    with alone(CLAMP_LOCK) as got:
        if not got:
            return 0
        begun = {pk for pk in planning.due(now=timezone.now()) if _begin(pk)}
        going = applying.begun()
        for pk in going:
            batches = list(apply_in_batches(pk, clock=timezone.now))
            logger.info("Change %s of settings reached its tokens in %s batches", pk, len(batches))
        return len(begun.union(going))


def _begin(planned_id: int) -> bool:
    """Let a change hold; False where it has to wait for the next run, in seconds, as a roster is being loaded."""
    try:
        planning.begin(planned_id, now=timezone.now())
    except Refused as refused:
        logger.warning("Change %s of settings waits: %s", planned_id, refused.code)
        return False
    return True


def start_applying() -> None:
    """Queue what changes of settings mean for tokens."""
    apply_changes.delay()


@shared_task
def tell_of_changes() -> int:
    """Tell owners what a change of settings that waits will do, and whoever was told of it if it is undone."""
    with alone(TELL_LOCK) as got:
        if not got:
            return 0
        told = sum(sum(tell_in_batches(pk, now=timezone.now())) for pk in waiting(now=timezone.now()))
        untold = sum(sum(untell_in_batches(pk, now=timezone.now())) for pk in undone())
        if told or untold:
            logger.info("Told %s people of a change of settings, and %s that it was undone", told, untold)
        return told + untold


def start_telling() -> None:
    """Queue the word about changes of settings."""
    tell_of_changes.delay()


@shared_task
def report_pauses() -> int:
    """Tell owners of emergency stops and of their lifting, and count what the reports tell; return how many were told.

    Who is stopped comes first, and each report is counted as soon as it has its tokens.
    """
    with alone(PAUSE_LOCK) as got:
        if not got:
            return 0
        told = sum(sum(emergency.tell_in_batches(pk, clock=timezone.now)) for pk in emergency.to_tell())
        untold = sum(sum(emergency.untell_in_batches(pk, clock=timezone.now)) for pk in emergency.to_untell())
        for pk in emergency.to_measure(now=timezone.now()):
            emergency.measure(pk, now=timezone.now())
        if told or untold:
            logger.info("Told %s people of an emergency stop, and %s that it was lifted", told, untold)
        return told + untold


def start_reporting_pauses() -> None:
    """Queue the word about emergency stops, and their reports."""
    report_pauses.delay()


@shared_task
def expire_tokens() -> int:
    """Note the tokens whose end has passed, batch by batch."""
    with alone(EXPIRE_LOCK) as got:
        if not got:
            return 0
        now, expired = timezone.now(), 0
        while done := lifecycle.expire_many(now=now, most=EXPIRE_BATCH):
            expired += done
        if expired:
            logger.info("Noted %s tokens as expired", expired)
        return expired


@shared_task
def lapse_requests() -> int:
    """Close the requests that nobody answered, and the approvals that nobody used, batch by batch."""
    now, lapsed = timezone.now(), 0
    while done := requests.lapse_many(now=now, most=LAPSE_BATCH):
        lapsed += done
    return lapsed


@shared_task
def announce_requests() -> int:
    """Tell those who may answer that requests wait; return how many people that were."""
    with alone(ANNOUNCE_LOCK) as got:
        return announce(now=timezone.now()) if got else 0


@shared_task
def warn_of_exemptions() -> int:
    """Tell those whom it concerns that an exemption ends soon, once."""
    return warning.warn(now=timezone.now())


@shared_task
def tend_unused_tokens() -> int:
    """Warn of tokens that nobody uses, and end those that stay so; return how many ended."""
    with alone(UNUSED_LOCK) as got:
        if not got:
            return 0
        warned, ended = 0, 0
        for some_warned, some_ended in tend_in_batches(now=timezone.now()):
            warned, ended = warned + some_warned, ended + some_ended
        if warned or ended:
            logger.info("Warned of %s unused tokens, ended %s", warned, ended)
        return ended


@shared_task
def remind_of_ends() -> int:
    """Tell owners which tokens end soon, have ended, or are tried although they have; return how many were told."""
    with alone(REMIND_LOCK) as got:
        if not got:
            return 0
        now = timezone.now()
        told = sum(reminding.remind_in_batches(now=now))
        reminding.forget(now=now)
        if told:
            logger.info("Told %s people that tokens of theirs end", told)
        return told


@shared_task
def send_digests() -> int:
    """Owe administrators the overview that is due; return how many get one."""
    with alone(DIGEST_LOCK) as got:
        if not got:
            return 0
        now = timezone.now()
        owed = sum(digest.owe_in_batches(now=now))
        digest.forget(now=now)
        return owed


@shared_task
def look_for_signals() -> int:
    """Look for unusual use of the tokens that were used or refused lately; return how many flags were raised."""
    with alone(LOOK_LOCK) as got:
        if not got:
            return 0
        looked = list(look_in_batches(now=timezone.now()))
        raised = sum(each.raised for each in looked)
        if raised:
            logger.info("Flagged unusual use %s times among %s tokens", raised, sum(each.tokens for each in looked))
        return raised


@shared_task
def settle_leaks() -> int:
    """Stop the tokens whose secrets were reported to be in the open; return how many."""
    with alone(LEAK_LOCK) as got:
        if not got:
            return 0
        stopped = sum(leaks.settle_in_batches(now=timezone.now()))
        if stopped:
            logger.warning("Stopped %s tokens whose secrets are in the open", stopped)
        return stopped


def start_settling() -> None:
    """Queue what reports of leaks mean for tokens."""
    settle_leaks.delay()


@shared_task
def tend_reviews() -> int:
    """Tell owners what reviews ask of them, and close those that are due; return how many tokens were settled."""
    with alone(REVIEW_LOCK) as got:
        if not got:
            return 0
        reviews.start_rounds(now=timezone.now())
        told = sum(sum(reviews.tell_in_batches(pk, now=timezone.now())) for pk in reviews.unfinished())
        due = reviews.due(now=timezone.now())
        settled = sum(sum(reviews.close_in_batches(pk, clock=timezone.now)) for pk in due)
        if told or settled:
            logger.info("Told %s people of reviews, and settled %s tokens", told, settled)
        return settled


def start_reviews() -> None:
    """Queue what reviews have to say and to do."""
    tend_reviews.delay()


@shared_task
def make_class_tokens() -> int:
    """Make the tokens of large classes that are still to be made; return for how many students."""
    with alone(CLASS_LOCK) as got:
        if not got:
            return 0
        return sum(sum(classes.carry_on(pk, clock=timezone.now)) for pk in classes.waiting())


def start_classes() -> None:
    """Queue the tokens of a class that a request has left to the job."""
    make_class_tokens.delay()


@shared_task
def roll_up_usage() -> int:
    """Write the uses that the web processes counted into the token rows."""
    with alone(USAGE_LOCK) as got:
        return usage.roll_up(now=timezone.now()) if got else 0


@shared_task
def forget_uses() -> int:
    """Drop the days of use that are older than the school keeps them."""
    return usage.forget(now=timezone.now(), keep_days=settings.USAGE_DAYS)


@shared_task
def forget_superseded() -> int:
    """Drop what is known of earlier secrets, as long after their end as uses are kept."""
    return lifecycle.forget_superseded(now=timezone.now(), keep_days=settings.USAGE_DAYS)


@shared_task
def deliver_notices() -> int:
    """Mail what is owed, batch by batch, as long as it gets less; return of how many nothing is left to do."""
    with alone(MAIL_LOCK) as got:
        done = 0
        while got and (some := notifications.deliver(now=timezone.now())):
            done += some
        return done


@shared_task
def send_webhooks() -> int:
    """Tell other systems what has happened, and again what they did not take; return how many messages were tried."""
    with alone(WEBHOOK_LOCK) as got:
        if not got:
            return 0
        made, tried = sum(webhooks.gather(now=timezone.now())), 0
        while some := webhooks.deliver(clock=timezone.now):
            tried += some
        if made or tried:
            logger.info("Made %s messages of webhooks, and tried to deliver %s", made, tried)
        return tried


def start_webhooks() -> None:
    """Queue what other systems are to be told."""
    send_webhooks.delay()


@shared_task
def forget_webhook_messages() -> int:
    """Drop the messages that are older than they are kept."""
    return webhooks.forget(now=timezone.now())


@shared_task
def forget_idempotency_keys() -> int:
    """Drop the answers whose 24 hours are over."""
    return IdempotentAnswer.objects.past(now=timezone.now()).delete()[0]


@shared_task
def forget_device_codes() -> int:
    """Drop the codes of programs that asked for a token, answered or not, once their time is long over."""
    return DeviceCode.objects.past(now=timezone.now()).delete()[0]
