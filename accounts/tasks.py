"""The jobs of the trail, of sessions and of rosters. Each may run twice, or half way, and then finds nothing to do."""

import logging
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts import browsers
from accounts.canvas import words
from accounts.canvas.school import school_canvas
from accounts.canvas.syncing import SyncFailed, sync
from accounts.chain import heads, sealing, standing

logger = logging.getLogger(__name__)


@shared_task
def seal_audit() -> int:
    """Give the new lines of the trail their places in the chain; return how many that were."""
    return sealing.seal()


@shared_task
def note_audit_head() -> str:
    """Write down where the chain ends, to the log and to the file that the school has chosen."""
    head = heads.find_head()
    if head is None:
        return ""
    logger.info("The audit trail is sealed up to %s", head)
    if settings.AUDIT_HEADS:
        heads.append(head, Path(settings.AUDIT_HEADS), now=timezone.now())
    return str(head)


@shared_task
def verify_audit() -> int:
    """Verify the whole chain, with the heads that were noted, and keep the outcome; return how much is wrong."""
    sealing.seal()
    noted = heads.read(settings.AUDIT_HEADS) if settings.AUDIT_HEADS and Path(settings.AUDIT_HEADS).exists() else []
    wrong = standing.check(noted, now=timezone.now())
    for finding in wrong[: standing.NAMED]:
        logger.error("The audit trail is not whole: %s", finding)
    return len(wrong)


@shared_task
def forget_sessions() -> int:
    """Forget the sessions that are over, of people and of who has only been at the door; return how many that were."""
    return browsers.sweep(now=timezone.now())


@shared_task
def sync_canvas() -> None:
    """Bring people and roles to where Canvas has them; how it went is kept. Where one runs already, that is enough."""
    canvas = school_canvas()
    if canvas is None:
        return
    try:
        sync(canvas, clock=timezone.now)
    except SyncFailed as failed:
        logger.warning("Canvas was not synced. %s", words.why(failed.code, failed.facts))
