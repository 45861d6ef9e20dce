"""The jobs behind a change of settings: begin it, carry it out, tell of it."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts.alone import alone
from policies import planning
from policies.refusals import Refused
from tokens.applying import apply_begun
from tokens.foretelling import tell_in_batches, undone, untell_in_batches, waiting
from tokens.tasks.locks import CLAMP_LOCK, TELL_LOCK
from tokens.tasks.soon import soon

logger = logging.getLogger(__name__)


@shared_task
def apply_changes() -> int:
    """Begin the changes of settings whose grace time is over, and carry them out; return how many that were."""
    with alone(CLAMP_LOCK) as got:
        if not got:
            return 0
        begun = {pk for pk in planning.due(now=timezone.now()) if _begin(pk)}
        return len(begun | apply_begun(clock=timezone.now))


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
    soon(apply_changes)


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
    soon(tell_of_changes)
