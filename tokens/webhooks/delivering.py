"""Send what is to be sent: each message until it is taken, with longer and longer waits, though workers die.

As with mails: a worker claims some by a lease, writes into each that it tries before it does, and what came of it
after. One that dies between has sent a message that is not marked: it goes out again under the same id, by which a
receiver drops what it has had.
"""

import logging
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F

from accounts.sealing import Unreadable
from tokens.models import Delivery, DeliveryState, OffBecause, Trouble, Webhook
from tokens.webhooks.addresses import Resolve, read
from tokens.webhooks.keeping import give_up_on
from tokens.webhooks.posting import DEADLINE, Answer, post
from tokens.webhooks.signing import headers_for, unlock

logger = logging.getLogger(__name__)
# How long after each attempt the next one is made.
WAITS = [
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
]
LONGEST_WAIT = timedelta(days=1)
MOST_ATTEMPTS = len(WAITS) + 1
LEASE, WORKS_FOR = timedelta(minutes=15), timedelta(minutes=5)
REST = timedelta(minutes=1)
GIVES_UP_AFTER = timedelta(days=5)
GONE = 410


def deliver(
    *,
    clock: Callable[[], datetime],
    most: int = 50,
    resolve: Resolve = socket.getaddrinfo,
    deadline: float = DEADLINE,
) -> int:
    """Send up to `most` messages that are due; return how many were tried.

    Of an address that takes nothing the others wait a minute, so that those of all other addresses go out meanwhile.
    """
    now, ends, tried = clock(), monotonic() + WORKS_FOR.total_seconds(), 0
    until = now + LEASE
    claimed = _claim(now, until, most)
    while claimed and monotonic() < ends:
        message = _begin(claimed.pop(0), until, clock())
        if message is None:
            continue
        answer = _send(message, clock(), resolve, deadline)
        tried += 1
        if not _settle(message, answer, clock()):
            _rest(message, until, clock())
    Delivery.objects.filter(pk__in=claimed, due_at=until).update(due_at=now)
    return tried


@transaction.atomic
def _claim(now: datetime, until: datetime, most: int) -> list[int]:
    """The ids of messages that nobody else has, the longest due first; they are ours until the lease is over."""
    due = Delivery.objects.filter(
        state=DeliveryState.WAITING, due_at__lte=now, webhook__off_because=OffBecause.NOT
    ).order_by("due_at", "pk")
    ids = list(due.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:most])
    Delivery.objects.filter(pk__in=ids).update(due_at=until)
    return ids


def _begin(pk: int, until: datetime, now: datetime) -> Delivery | None:
    """Note that it is tried, before it is. None where it rests, its address was switched off, or it is not ours."""
    ours = Delivery.objects.filter(pk=pk, state=DeliveryState.WAITING, due_at=until)
    if not ours.filter(webhook__off_because=OffBecause.NOT).update(attempts=F("attempts") + 1, tried_at=now):
        ours.update(due_at=now)
        return None
    return Delivery.objects.select_related("webhook__account").filter(pk=pk).first()


def _send(message: Delivery, now: datetime, resolve: Resolve, deadline: float) -> Answer:
    body = message.body.encode()
    try:
        signed = headers_for(unlock(message.webhook.secret), message.message_id, body, now=now)
    except Unreadable:
        return Answer(0, trouble=Trouble.SECRET)
    headers = {"Content-Type": "application/json", "User-Agent": "TokenPortal-Webhooks", **signed}
    return post(read(message.webhook.url), body, headers, resolve=resolve, deadline=deadline)


@transaction.atomic
def _settle(message: Delivery, answer: Answer, now: datetime) -> bool:
    """Write what came of it; whether it was taken. One that was removed meanwhile stays so."""
    ours = Delivery.objects.filter(pk=message.pk, state=DeliveryState.WAITING)
    ours.update(status=answer.status, took_ms=answer.took_ms, answer=answer.text, trouble=answer.trouble)
    if answer.is_taken:
        ours.update(state=DeliveryState.TAKEN, due_at=None)
        Webhook.objects.filter(pk=message.webhook_id).exclude(failing_since=None).update(failing_since=None)
        return True
    logger.info("Message %s was not taken: %s", message.message_id, answer.status or answer.trouble)
    if message.attempts >= MOST_ATTEMPTS or answer.status == GONE:
        ours.update(state=DeliveryState.FAILED, due_at=None)
    else:
        asked = timedelta(seconds=answer.asks_to_wait(now))
        ours.update(due_at=now + min(max(WAITS[message.attempts - 1], asked), LONGEST_WAIT))
    _note_failure(message.webhook, answer, now)
    return False


def _note_failure(webhook: Webhook, answer: Answer, now: datetime) -> None:
    """Remember since when it fails, and switch it off where it is gone or has failed for too long."""
    Webhook.objects.filter(pk=webhook.pk, failing_since=None).update(failing_since=now)
    if answer.status == GONE:
        give_up_on(webhook, OffBecause.GONE, now=now)
    elif webhook.failing_since and webhook.failing_since <= now - GIVES_UP_AFTER:
        give_up_on(webhook, OffBecause.FAILING, now=now)


def _rest(message: Delivery, until: datetime, now: datetime) -> None:
    """Leave alone for a while what else is due at the address of a message, also what of it is ours."""
    waiting = message.webhook.deliveries.filter(state=DeliveryState.WAITING).exclude(pk=message.pk)
    waiting.filter(due_at__lt=now + REST).update(due_at=now + REST)
    waiting.filter(due_at=until).update(due_at=now + REST)
