"""A person leaves: what becomes of each of their tokens, in the one transaction that switches them off."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import enrolling, finding, leaving
from accounts.locks import lock_people
from accounts.models import User
from accounts.people import homed_in
from accounts.roles import Permission, Standing
from policies.refusals import Code, refuse
from tokens import lifecycle, permissions
from tokens.models import AccessToken, AccessTokenQuerySet, State
from tokens.reasons import Reason, ReasonCode
from tokens.texts import clean_reason


@dataclass(frozen=True, slots=True)
class Left:
    """How many tokens; those handed over have ended too."""

    ended: int
    suspended: int
    handed: int


def at_stake(person: User, *, now: datetime) -> AccessTokenQuerySet:
    """The tokens of a person that have not ended."""
    return AccessToken.objects.filter(user=person).in_use(now=now)


@transaction.atomic
def deactivate(
    person: User,
    *,
    fate: lifecycle.Fate,
    hand_over: Collection[int] = (),
    to: User | None = None,
    actor: User,
    now: datetime,
    reason: str | None = "",
) -> Left:
    """Switch a person off, once their tokens are handed over, ended or suspended: all of it or nothing.

    Raises PermissionDenied, Denied(nobody_left), and Refused for what a successor may not have.
    """
    text = clean_reason(reason)
    why = Reason(text, ReasonCode.OWNER_LEFT)
    lock_people({person.pk, actor.pk} | ({to.pk} if to else set()))
    known, target = leaving.require_over(person, actor=actor, now=now)
    if (hand_over or fate is lifecycle.Fate.END) and not known.may(Permission.TOKENS_DELETE, target):
        raise PermissionDenied
    handed = _hand_over(person, hand_over, to, actor=actor, now=now, reason=text)
    ended = lifecycle.revoke_all(person, actor=actor, now=now, reason=why) if fate is lifecycle.Fate.END else 0
    suspended = AccessToken.objects.filter(user=person, state=State.ACTIVE).count()
    enrolling.set_active(person, False, actor=actor, now=now, reason=text)
    return Left(ended, suspended, handed)


def _hand_over(
    person: User, token_ids: Collection[int], to: User | None, *, actor: User, now: datetime, reason: str
) -> int:
    """What was chosen and works today goes to the successor."""
    if not token_ids:
        return 0
    if to is None or to.pk in (person.pk, actor.pk):
        raise refuse(Code.SUCCESSOR_UNKNOWN, "to")
    permissions.get_owner_to_issue_for(actor, to, now=now)
    chosen = AccessToken.objects.filter(user=person, pk__in=token_ids).live(now=now)
    return lifecycle.hand_over(person, chosen, to=to, actor=actor, now=now, reason=reason)


def find_successor(term: str, standing: Standing, *, now: datetime) -> User | None:
    """Who is meant: a sign-in name, or words that only one person is found by.

    Somebody who may sign in, and for whom whoever asks may make tokens, as far as accounts go.
    """
    within = standing.accounts_with(Permission.TOKENS_CREATE)
    people = homed_in(within, now=now).filter(is_active=True)
    named = people.filter(login_id__iexact=term).first()
    if named is not None or not term:
        return named
    found = list(finding.search(people, term)[:2])
    return found[0] if len(found) == 1 else None
