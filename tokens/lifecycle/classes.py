"""The verb that makes a token for each of many people, without a secret: each owner makes theirs when they take it.

Nobody has held an earlier one, neither who makes them nor a mail. Each token obeys the decision for its owner; who may
have none is left out, and why is told.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count

from accounts.audit import AuditEvent, record_many
from accounts.locks import lock_people
from accounts.models import User
from accounts.people import Membership, membership
from accounts.roles import Permission
from policies.governing import Governed, governed_many
from policies.refusals import Code, Refusal, Refused, refuse
from tokens import notifications
from tokens.events import Event
from tokens.lifecycle.changes import put_no_secret
from tokens.lifecycle.trail import change_line
from tokens.models import AccessToken, State


@dataclass(frozen=True, slots=True)
class Wish:
    """What all of them are to be; checked already, but for what depends on each owner."""

    purpose: str
    expires_at: datetime
    scopes: tuple[str, ...] = ()


def refusals_of(owner_ids: Collection[int], wish: Wish | None, *, actor: User, now: datetime) -> dict[int, Refusal]:
    """Who of these people would get no such token from `actor`, and why; without a wish, who would get none at all."""
    people, known = governed_many(owner_ids, now=now), membership(actor, now=now)
    held = _held(people, now)
    found = {pk: _refusal_of(person, known, wish, held.get(pk, 0)) for pk, person in people.items()}
    return {pk: refusal for pk, refusal in found.items() if refusal}


@transaction.atomic
def issue_many(
    owner_ids: Collection[int], wish: Wish, *, actor: User, now: datetime, about: Mapping[str, Any], **told: Any
) -> tuple[dict[int, AccessToken], dict[int, Refusal]]:
    """Make a token, which waits for its owner, for each of these people who may have it; return them, and why not.

    `about` goes into each line of the trail, `told` into the word to each owner. A dozen statements, however many.
    """
    owners = lock_people(owner_ids)
    refused = refusals_of([owner.pk for owner in owners if owner.is_active], wish, actor=actor, now=now)
    refused |= {owner.pk: Refusal(Code.INACTIVE_OWNER) for owner in owners if not owner.is_active}
    made = {owner.pk: _row(owner, wish, actor, now) for owner in owners if owner.pk not in refused}
    AccessToken.objects.bulk_create(made.values())
    record_many(_line(row, about, actor, now) for row in made.values())
    notifications.owe(Event.ISSUE, made.values(), actor=actor, now=now, **told)
    return made, refused


def _held(people: Mapping[int, Governed], now: datetime) -> dict[int, int]:
    """How many tokens they have in use, of those who may have so many only."""
    limited = [pk for pk, person in people.items() if person.decision.tokens_at_once is not None]
    if not limited:
        return {}
    in_use = AccessToken.objects.filter(user__in=limited).in_use(now=now).order_by()
    return dict(in_use.values_list("user_id").annotate(Count("pk")))


def _refusal_of(person: Governed, known: Membership, wish: Wish | None, held: int) -> Refusal | None:
    """Why one person gets none; the first reason will do."""
    decision = person.decision
    try:
        _require_right(person, known)
        decision.require_room(held)
        if wish is not None:
            decision.require_expiry(wish.expires_at)
            decision.require_scopes(wish.scopes)
    except Refused as refused:
        return refused.refusals[0]
    return None


def _require_right(person: Governed, known: Membership) -> None:
    """What a person may not have by themselves, they only get from somebody who makes tokens for others at any time.

    And from nobody who lacks rights that they hold (rule R5).
    """
    if known.may(Permission.TOKENS_CREATE, person.membership):
        return
    if not person.membership.standing.permissions <= known.standing.permissions_over(person.membership.home):
        raise refuse(Code.RIGHTS_LACKED)
    person.decision.require_creation()
    if person.decision.needs_approval:
        raise refuse(Code.APPROVAL_NEEDED)


def _row(owner: User, wish: Wish, actor: User, now: datetime) -> AccessToken:
    token = AccessToken(
        user=owner,
        creator=actor,
        purpose=wish.purpose,
        scopes=list(wish.scopes),
        expires_at=wish.expires_at,
        state=State.PENDING,
        created_at=now,
        updated_at=now,
    )
    put_no_secret(token, now=now)
    return token


def _line(token: AccessToken, about: Mapping[str, Any], actor: User, now: datetime) -> AuditEvent:
    line = change_line(Event.ISSUE, token, {}, actor=actor, now=now)
    line.after |= about
    return line
