"""Switching a person off, and on again, or signing them out, by somebody who administers: who may.

It takes `policy.edit` in the root account. Nobody does it to themselves, nor to a person who holds rights they lack
(R5); that somebody is left who may edit the policy, `accounts.keepers` says.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import browsers, enrolling
from accounts.locks import lock_people
from accounts.models import User
from accounts.people import Membership, memberships
from accounts.roles import Permission


def may_switch(actor: Membership, person: Membership) -> bool:
    """Whether `actor` may switch `person` off and on, if that is somebody else."""
    held_at_root = actor.standing.permissions_over(person.home[:1])
    return Permission.POLICY_EDIT in held_at_root and actor.may(Permission.POLICY_EDIT, person)


def require_over(person: User, *, actor: User, now: datetime) -> tuple[Membership, Membership]:
    """What the actor and the person amount to; both are locked by the caller. Raises PermissionDenied."""
    known = memberships({person.pk, actor.pk}, now=now)
    if person.pk == actor.pk or not may_switch(known[actor.pk], known[person.pk]):
        raise PermissionDenied
    return known[actor.pk], known[person.pk]


@transaction.atomic
def reactivate(person: User, *, actor: User, now: datetime, reason: str = "") -> bool:
    """Let a person sign in again; return whether they could not. Raises PermissionDenied."""
    lock_people({person.pk, actor.pk})
    require_over(person, actor=actor, now=now)
    return enrolling.set_active(person, True, actor=actor, now=now, reason=reason)


@transaction.atomic
def sign_out(person: User, *, actor: User, now: datetime, reason: str = "") -> int:
    """Sign a person out of every browser; return how many those were. Their tokens go on. Raises PermissionDenied."""
    lock_people({person.pk, actor.pk})
    require_over(person, actor=actor, now=now)
    return browsers.end(browsers.signed_in(person=person, now=now), actor=actor, now=now, reason=reason)
