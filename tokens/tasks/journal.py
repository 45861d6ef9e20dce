"""The jobs of the journal of endings: what a process could not write any more, and what is old enough."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from tokens import journal

logger = logging.getLogger(__name__)


@shared_task
def write_journal() -> int:
    """Write what is owed; return how many pages that were. Usually whoever ended something has."""
    try:
        return journal.settle()
    except journal.Quarantined:
        logger.critical("A backup was restored, and the doors are closed: run manage.py replay_revocations")
        return 0


@shared_task
def forget_journal() -> int:
    """Drop the pages that are older than any backup that may be restored; return how many."""
    return journal.forget(now=timezone.now(), keep_days=settings.JOURNAL_DAYS)
