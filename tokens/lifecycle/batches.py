"""The verbs on many tokens: for jobs, bulk actions and whole people."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from accounts.audit import record_many
from accounts.locks import lock_many, lock_people
from accounts.models import User
from policies.governing import governed_many
from tokens.events import Event
from tokens.lifecycle import moving
from tokens.lifecycle.shortening import shorten
from tokens.lifecycle.trail import change_line
from tokens.models import AccessToken, State
from tokens.reasons import NO_REASON, Reason


def hold_all(owner_ids: Collection[int]) -> None:
    """Lock these people and all their tokens that have not ended: for a transaction of several steps over them."""
    lock_many(owner_ids)
    moving.hold_tokens(owner_ids)


def revoke_many(
    token_ids: Iterable[int], *, actor: User | None, now: datetime, reason: Reason = NO_REASON
) -> list[int]:
    """End many tokens for good; return the ids of those that were not revoked before."""
    return moving.move(Event.REVOKE, token_ids, actor=actor, now=now, reason=reason)


def suspend_many(
    token_ids: Iterable[int], *, actor: User | None, now: datetime, reason: Reason = NO_REASON
) -> list[int]:
    """Stop many tokens until they are resumed; return the ids of those that were active."""
    return moving.move(Event.SUSPEND, token_ids, actor=actor, now=now, reason=reason)


@transaction.atomic
def resume_many(
    token_ids: Iterable[int], *, actor: User | None, now: datetime, reason: Reason = NO_REASON
) -> list[int]:
    """Let many suspended tokens work again, within their owners' caps of today; return the ids of those that do.

    Those of people who are switched off stay as they are.
    """
    ids = list(token_ids)
    owner_ids = set(AccessToken.objects.filter(pk__in=ids).values_list("user_id", flat=True))
    hold_all(owner_ids)
    clamp_many(owner_ids, actor=None, now=now)
    of_active = AccessToken.objects.filter(pk__in=ids, user__is_active=True).values_list("pk", flat=True)
    return moving.move(Event.RESUME, of_active, actor=actor, now=now, reason=reason)


@transaction.atomic
def revoke_all(owner: User, *, actor: User | None, now: datetime, reason: Reason = NO_REASON) -> int:
    """End every token of a person that has not ended yet; return how many."""
    lock_people([owner.pk])  # a token that is being made right now is revoked too, or made after this
    moving.hold_tokens([owner.pk])  # whoever is switched off loses more than these
    ids = AccessToken.objects.filter(user=owner).in_use(now=now).values_list("pk", flat=True)
    return len(revoke_many(ids, actor=actor, now=now, reason=reason))


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


def _save(tokens: list[AccessToken], fields: list[str]) -> None:
    AccessToken.objects.bulk_update(tokens, [*fields, "updated_at"], batch_size=1000)
