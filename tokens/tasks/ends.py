"""The jobs that bring tokens to their ends, and tell of it before."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts.alone import alone
from accounts.models import User
from tokens import lifecycle, reminding
from tokens.applying import apply_begun
from tokens.clamping import clamp
from tokens.tasks.locks import CLAMP_LOCK, EXPIRE_LOCK, REMIND_LOCK, UNUSED_LOCK
from tokens.tasks.soon import soon
from tokens.tending import tend_in_batches

logger = logging.getLogger(__name__)
EXPIRE_BATCH = 500


@shared_task
def clamp_tokens() -> int:
    """Bring every token under its owner's cap of today: for what the calendar changes, and as the safety net."""
    with alone(CLAMP_LOCK) as got:
        if not got:
            return 0
        apply_begun(clock=timezone.now)
        shortened = clamp(User.objects.all(), actor=None, now=timezone.now())
        if shortened:
            logger.info("Clamped %s tokens to their owners' caps", shortened)
        return shortened


def start_clamp() -> None:
    """Queue a clamp of everybody."""
    soon(clamp_tokens)


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
