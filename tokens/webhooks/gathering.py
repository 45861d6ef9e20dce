"""Messages are made of the audit trail, which every change has written already: nothing that happens waits for this.

The trail is read by the places of its chain, where no line comes before one that was read. Where the job is, is
written with the messages that it made.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from accounts.audit import AuditEvent, AuditSeal, kind_of
from accounts.chain.sealing import seal
from accounts.people import Membership, memberships
from tokens.models import TOLD, AccessToken, Delivery, DeliveryState, OffBecause, Webhook, WebhookPlace

BATCH = 1000  # lines
KEPT_FOR = timedelta(days=30)
# What is told of a line's facts; the rest is for who reads the trail.
FACTS = frozenset(
    {
        "purpose",
        "state",
        "expires_at",
        "scopes",
        "overlap_until",
        "reason_code",
        "source",
        "found_by",
        "place",
        "is_right",
        "rule",
        "is_active",
    }
)


def gather(*, now: datetime, most: int = BATCH) -> Iterator[int]:
    """Make the messages of all that the trail has so far, batch by batch; give how many each has made."""
    seal()
    while (made := _gather_some(now, most)) is not None:
        yield made


@transaction.atomic
def _gather_some(now: datetime, most: int) -> int | None:
    """Read so many lines. None where there is nothing to read.

    How far the chain goes is asked before who listens: whoever came before a line was sealed is told of it.
    """
    WebhookPlace.objects.get_or_create(pk=1)
    here = WebhookPlace.objects.select_for_update().get(pk=1)
    last = AuditSeal.objects.aggregate(last=Max("place"))["last"] or 0
    listening = list(Webhook.objects.filter(off_because=OffBecause.NOT).select_related("account"))
    if last <= here.place:
        return None
    upto = min(last, here.place + most) if listening else last
    made = _tell(listening, _lines(here.place, upto, listening), now) if listening else 0
    here.place = upto
    here.save(update_fields=["place"])
    return made


def _lines(after: int, upto: int, listening: Iterable[Webhook]) -> list[AuditEvent]:
    """The lines in these places of which somebody wants to be told."""
    wanted = {event for webhook in listening for event in webhook.events} & TOLD.keys()
    places = dict(AuditSeal.objects.filter(place__gt=after, place__lte=upto).values_list("line", "place"))
    found = AuditEvent.objects.filter(pk__in=places, action__in=wanted, person__isnull=False)
    return sorted(found, key=lambda line: places[line.pk])


def _tell(listening: Iterable[Webhook], lines: list[AuditEvent], now: datetime) -> int:
    homes = memberships({line.person_id for line in lines if line.person_id}, now=now) if lines else {}
    tokens = _tokens_of(lines)
    made = [
        message(webhook, line.action, _said(line, homes[line.person_id], tokens), at=line.at, now=now, line=line.pk)
        for line in lines
        for webhook in listening
        if line.person_id and _is_for(webhook, line, homes[line.person_id])
    ]
    Delivery.objects.bulk_create(made, batch_size=BATCH)
    return len(made)


def _is_for(webhook: Webhook, line: AuditEvent, about: Membership) -> bool:
    """Whether it listens to such a line, has been there when it was written, and is above whom it is about."""
    return line.action in webhook.events and line.at >= webhook.made_at and webhook.account_id in about.home


def _tokens_of(lines: Iterable[AuditEvent]) -> dict[int, tuple[str, str]]:
    """The lookup ids and purposes of the tokens that lines are about, by their ids."""
    ids = {line.subject_id or 0 for line in lines if kind_of(line.action) == "token"}
    found = AccessToken.objects.filter(pk__in=ids).values_list("pk", "lookup_id", "purpose")
    return {pk: (lookup_id, purpose) for pk, lookup_id, purpose in found}


def _said(line: AuditEvent, about: Membership, tokens: dict[int, tuple[str, str]]) -> dict[str, Any]:
    """What a message says of a line: no secret, and nothing that is kept from the owner."""
    is_confidential = bool(line.after.get("is_confidential"))
    facts = FACTS - {"reason_code"} if is_confidential else FACTS
    said: dict[str, Any] = {
        "user_id": line.person_id,
        "account_id": about.home[-1],
        "actor_id": line.actor_id,
        "before": {name: value for name, value in line.before.items() if name in facts},
        "after": {name: value for name, value in line.after.items() if name in facts},
        "reason": "" if is_confidential else line.reason,
    }
    token = tokens.get(line.subject_id or 0) if kind_of(line.action) == "token" else None
    if token is not None:
        said |= {"token_id": line.subject_id, "hint": token[0], "purpose": token[1]}
    return said


def message(
    webhook: Webhook, event: str, said: dict[str, Any], *, at: datetime, now: datetime, line: int | None = None
) -> Delivery:
    """A message that is to be sent, not yet written."""
    return Delivery(
        webhook=webhook,
        line=line,
        message_id=f"msg_{uuid4().hex}",
        event=event,
        body=json.dumps({"type": event, "timestamp": at.isoformat(), "data": said}, ensure_ascii=False),
        made_at=now,
        state=DeliveryState.WAITING,
        due_at=now,
    )


def forget(*, now: datetime) -> int:
    """Drop the messages that are older than they are kept, but those that still wait; return how many."""
    old = Delivery.objects.filter(made_at__lt=now - KEPT_FOR).exclude(
        state=DeliveryState.WAITING, webhook__off_because=OffBecause.NOT
    )
    return old.delete()[0]
