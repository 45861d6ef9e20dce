"""The jobs that carry out what somebody does to many tokens at once."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts.alone import alone
from tokens import bulk, classes, reviews
from tokens.models import BulkAct
from tokens.tasks.locks import BULK_LOCK, CLASS_LOCK, REVIEW_LOCK
from tokens.tasks.soon import soon

logger = logging.getLogger(__name__)


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
    soon(carry_out_bulk)


@shared_task
def make_class_tokens() -> int:
    """Make the tokens of large classes that are still to be made; return for how many students."""
    with alone(CLASS_LOCK) as got:
        if not got:
            return 0
        return sum(sum(classes.carry_on(pk, clock=timezone.now)) for pk in classes.waiting())


def start_classes() -> None:
    """Queue the tokens of a class that a request has left to the job."""
    soon(make_class_tokens)


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
    soon(tend_reviews)
