"""The jobs of requests and exemptions: who waits, what lapses, what ends soon."""

from celery import shared_task
from django.utils import timezone

from accounts.alone import alone
from tokens import requests, warning
from tokens.announcing import announce
from tokens.tasks.locks import ANNOUNCE_LOCK

LAPSE_BATCH = 500


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
