"""Addresses are added, changed, switched off and on, and removed, and messages sent again; each with its audit line.

Whether whoever does it may is the doors' question.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.audit import record
from accounts.models import Account, User
from accounts.sealing import Unreadable
from policies.refusals import Code, Gathered, refuse
from tokens.events import WebhookEvent
from tokens.models import TOLD, Delivery, DeliveryState, OffBecause, Webhook
from tokens.texts import clean_sentence
from tokens.webhooks import signing
from tokens.webhooks.addresses import check
from tokens.webhooks.gathering import message

MOST = 20  # of an account


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of an address."""

    url: str = ""
    description: str = ""
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """A new address with its secret, which is shown this once."""

    webhook: Webhook
    secret: str = field(repr=False)


@transaction.atomic
def add(account: Account, wish: Wish, *, actor: User, now: datetime) -> Added:
    """Tell an address of what happens below an account. Raises Refused(webhook_*, too_many_webhooks or reason_*)."""
    wish = _checked(wish)
    Account.objects.select_for_update(no_key=True, of=("self",)).get(pk=account.pk)
    if Webhook.objects.filter(account=account).count() >= MOST:
        raise refuse(Code.TOO_MANY_WEBHOOKS, most=MOST)
    secret = signing.generate()
    webhook = Webhook(account=account, secret=signing.lock(secret), made_by=actor, made_at=now)
    _save(webhook, wish)
    _record(WebhookEvent.ADD, webhook, actor=actor, now=now, after=_facts(webhook))
    return Added(webhook, secret)


@transaction.atomic
def change(webhook: Webhook, wish: Wish, *, actor: User, now: datetime) -> Webhook:
    """Change an address, keeping its secret. Raises Refused as `add` does."""
    wish = _checked(wish)
    webhook = _locked(webhook)
    before = _facts(webhook)
    _save(webhook, wish)
    after = _facts(webhook)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        was, is_now = ({name: facts[name] for name in changed} for facts in (before, after))
        _record(WebhookEvent.CHANGE, webhook, actor=actor, now=now, before=was, after=is_now)
    return webhook


@transaction.atomic
def switch_off(webhook: Webhook, *, actor: User, now: datetime) -> Webhook:
    """Tell it nothing more: what waits goes on waiting, what happens meanwhile it is not told of."""
    webhook = _locked(webhook)
    if webhook.is_on:
        _off(webhook, OffBecause.ASKED, actor=actor, now=now)
    return webhook


@transaction.atomic
def give_up_on(webhook: Webhook, because: OffBecause, *, now: datetime) -> None:
    """Switch an address off that takes nothing."""
    webhook = _locked(webhook)
    if webhook.is_on:
        _off(webhook, because, actor=None, now=now)


@transaction.atomic
def switch_on(webhook: Webhook, *, actor: User, now: datetime) -> Webhook:
    """Tell it again, first of what waits."""
    webhook = _locked(webhook)
    if not webhook.is_on:
        webhook.off_because, webhook.off_at, webhook.failing_since = OffBecause.NOT, None, None
        webhook.save(update_fields=["off_because", "off_at", "failing_since"])
        _record(WebhookEvent.ENABLE, webhook, actor=actor, now=now, after={"url": webhook.url})
    return webhook


@transaction.atomic
def remove(webhook: Webhook, *, actor: User, now: datetime) -> None:
    """Forget an address, its secret and what it was told."""
    found = Webhook.objects.select_for_update(of=("self",)).filter(pk=webhook.pk).first()
    if found is not None:
        _record(WebhookEvent.REMOVE, found, actor=actor, now=now, before=_facts(found))
        found.delete()


@transaction.atomic
def send_test(webhook: Webhook, *, actor: User, now: datetime) -> Delivery:
    """Send a message that tells of nothing. Raises Refused(webhook_off)."""
    webhook = _locked(webhook)
    _require_on(webhook)
    said = {"account_id": webhook.account_id, "actor_id": actor.pk}
    made = message(webhook, WebhookEvent.TEST.value, said, at=now, now=now)
    made.save(force_insert=True)
    _record(WebhookEvent.TEST, webhook, actor=actor, now=now, after={"url": webhook.url})
    return made


@transaction.atomic
def send_again(webhook: Webhook, messages: Iterable[int] | None = None, *, actor: User, now: datetime) -> int:
    """Send messages again under the same ids, by default all that were given up; how many. Raises Refused(webhook_off).

    One that waits is tried at once.
    """
    webhook = _locked(webhook)
    _require_on(webhook)
    chosen = failed_of(webhook) if messages is None else webhook.deliveries.filter(pk__in=messages)
    count = chosen.update(state=DeliveryState.WAITING, due_at=now, attempts=0)
    if count:
        _record(WebhookEvent.REPLAY, webhook, actor=actor, now=now, after={"url": webhook.url, "count": count})
    return count


@transaction.atomic
def relock_all() -> tuple[int, list[Webhook]]:
    """Encrypt every secret anew under today's SECRET_KEY, so that its fallbacks may go.

    How many were, and those whose secret nothing can read any more: they need to be removed and added again.
    """
    relocked, unreadable = 0, []
    for webhook in Webhook.objects.select_for_update(of=("self",)).order_by("pk"):
        try:
            webhook.secret = signing.relock(webhook.secret)
        except Unreadable:
            unreadable.append(webhook)
            continue
        webhook.save(update_fields=["secret"])
        relocked += 1
    return relocked, unreadable


def failed_of(webhook: Webhook) -> QuerySet[Delivery]:
    """What an address never took."""
    return webhook.deliveries.filter(state=DeliveryState.FAILED)


def _checked(wish: Wish) -> Wish:
    with Gathered() as gathered:
        with gathered:
            check(wish.url.strip())
        with gathered:
            clean_sentence(wish.description, "description")
        with gathered:
            _require_known(wish.events)
    gathered.require()
    return Wish(wish.url.strip(), clean_sentence(wish.description, "description"), tuple(_in_order(wish.events)))


def _require_known(events: Iterable[str]) -> None:
    wanted = set(events)
    if not wanted:
        raise refuse(Code.WEBHOOK_EVENTS_MISSING, "events")
    for unknown in sorted(wanted - TOLD.keys()):
        raise refuse(Code.WEBHOOK_EVENT_UNKNOWN, "events", event=unknown)


def _in_order(events: Iterable[str]) -> list[str]:
    wanted = set(events)
    return [event for event in TOLD if event in wanted]


def _require_on(webhook: Webhook) -> None:
    if not webhook.is_on:
        raise refuse(Code.WEBHOOK_OFF)


def _save(webhook: Webhook, wish: Wish) -> None:
    webhook.url, webhook.description, webhook.events = wish.url, wish.description, list(wish.events)
    try:
        with transaction.atomic():
            webhook.save()
    except IntegrityError as error:
        raise refuse(Code.WEBHOOK_TAKEN, "url") from error


def _locked(webhook: Webhook) -> Webhook:
    return Webhook.objects.select_for_update(of=("self",)).select_related("account").get(pk=webhook.pk)


def _off(webhook: Webhook, because: OffBecause, *, actor: User | None, now: datetime) -> None:
    webhook.off_because, webhook.off_at = because, now
    webhook.save(update_fields=["off_because", "off_at"])
    _record(
        WebhookEvent.DISABLE, webhook, actor=actor, now=now, after={"url": webhook.url, "off_because": because.value}
    )


def _facts(webhook: Webhook) -> dict[str, Any]:
    return {"url": webhook.url, "description": webhook.description, "events": webhook.events}


def _record(event: WebhookEvent, webhook: Webhook, *, actor: User | None, now: datetime, **facts: Any) -> None:
    record(event, actor=actor, now=now, account=webhook.account, subject_id=webhook.pk, **facts)
