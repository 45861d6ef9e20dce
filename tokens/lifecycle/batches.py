"""The verbs on many tokens: for jobs, bulk actions and whole people."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from accounts.audit import record_many
from accounts.locks import lock_many, lock_people
from accounts.models import User
from policies.governing import governed_many
from tokens import notifications
from tokens.events import Event
from tokens.lifecycle.shortening import shorten
from tokens.lifecycle.trail import change_line
from tokens.models import AccessToken, AccessTokenQuerySet, State
from tokens.texts import clean_reason


@transaction.atomic
def revoke_many(token_ids: Iterable[int], *, actor: User | None, now: datetime, reason: str | None = "") -> int:
    """End many tokens for good; return how many were not revoked before. Raises Refused for a bad reason."""
    reason = clean_reason(reason)
    tokens = _lock(AccessToken.objects.filter(pk__in=list(token_ids)).exclude(state=State.REVOKED))
    lines = []
    for token in tokens:
        before = token.facts()
        token.state, token.revoked_at, token.revoked_by, token.revoked_reason = State.REVOKED, now, actor, reason
        token.updated_at = now
        lines.append(change_line(Event.REVOKE, token, before, actor=actor, now=now, reason=reason))
    _save(tokens, ["state", "revoked_at", "revoked_by", "revoked_reason"])
    record_many(lines)
    notifications.owe(Event.REVOKE, tokens, actor=actor, now=now, reason=reason)
    return len(tokens)


@transaction.atomic
def revoke_all(owner: User, *, actor: User | None, now: datetime, reason: str | None = "") -> int:
    """End every token of a person that has not ended yet; return how many."""
    lock_people([owner.pk])  # a token that is being made right now is revoked too, or made after this
    ids = AccessToken.objects.filter(user=owner).in_use(now=now).values_list("pk", flat=True)
    return revoke_many(ids, actor=actor, now=now, reason=reason)


@transaction.atomic
def clamp_many(owner_ids: Collection[int], *, actor: User | None, now: datetime) -> int:
    """Bring the tokens of these people under the cap they are under today (R3); return how many were shortened."""
    lock_many(owner_ids)
    people = governed_many(owner_ids, now=now)
    decisions = {owner_id: person.decision for owner_id, person in people.items()}
    ceilings = {owner_id: ceiling for owner_id, decision in decisions.items() if (ceiling := decision.ceiling)}
    return shorten(
        ceilings, lambda owner_id, _id, end: decisions[owner_id].clamped(end), made_by=now, actor=actor, now=now
    )


@transaction.atomic
def expire_many(*, now: datetime, most: int) -> int:
    """Note up to `most` tokens whose end has passed as expired; return how many.

    They have been refused since that moment (R8). Rows that somebody is changing are left to the next run.
    """
    overdue = AccessToken.objects.overdue(now=now).order_by("expires_at")[:most]
    tokens, lines = list(overdue.select_for_update(skip_locked=True, of=("self",))), []
    for token in tokens:
        before, token.state, token.updated_at = token.facts(), State.EXPIRED, now
        lines.append(change_line(Event.EXPIRE, token, before, actor=None, now=now))
    _save(tokens, ["state"])
    record_many(lines)
    return len(tokens)


def _lock(tokens: AccessTokenQuerySet) -> list[AccessToken]:
    return list(tokens.order_by("pk").select_for_update(of=("self",)))


def _save(tokens: list[AccessToken], fields: list[str]) -> None:
    AccessToken.objects.bulk_update(tokens, [*fields, "updated_at"], batch_size=1000)
