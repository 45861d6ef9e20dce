"""The jobs of an incident: emergency stops, leaks, unusual use."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts.alone import alone
from tokens import emergency, leaks
from tokens.signals.looking import look_in_batches
from tokens.tasks.locks import LEAK_LOCK, LOOK_LOCK, PAUSE_LOCK
from tokens.tasks.soon import soon

logger = logging.getLogger(__name__)


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
    soon(report_pauses)


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
    soon(settle_leaks)


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
