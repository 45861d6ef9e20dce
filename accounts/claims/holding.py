"""The roles that claims give a person, brought up to date at each sign-in: given while claimed, ended when not.

What a roster or an administrator has given is theirs: claims neither change nor end it.
"""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts import enrolling
from accounts.claims.reading import Claims, is_elsewhere
from accounts.claims.rules import Rule, roles_by
from accounts.claims.unusable import Unusable
from accounts.denials import Denied
from accounts.models import Account, Enrollment, GivenBy, Role, User
from accounts.people import counting
from accounts.roles import EnrollmentState
from accounts.sis.roles import RoleBook

logger = logging.getLogger(__name__)
Held = tuple[int, int]  # ids of a role and of the account in which it is held


class Unreadable(Unusable):
    """What is claimed cannot be told: then nothing may be taken away, for tokens that were shortened stay so."""


@transaction.atomic
def bring_up_to_date(person: User, claims: Claims, rules: Iterable[Rule], *, now: datetime) -> None:
    """Give and end roles as the claims say; the person must be locked. Tokens come under the cap that follows.

    Where the configuration names what is not there, or the provider leaves a claim out, roles stay as they are.
    """
    try:
        wanted = _wanted(claims, tuple(rules))
    except Unreadable as reason:
        logger.error("The roles of %s stay as they are: %s", person.pk, reason)  # noqa: TRY400  # no traceback says more
        return
    # First what is gained: whoever goes from one role to another is not for a moment without.
    for role_id, account_id in sorted(wanted - _counting(person, now)):
        _give(person, role_id, account_id, now=now)
    for held in Enrollment.objects.filter(user=person, given_by=GivenBy.CLAIMS, state=EnrollmentState.ACTIVE):
        if (held.role_id, held.account_id) not in wanted:
            _end(held, now=now)


def places_in(rules: Iterable[Rule]) -> dict[tuple[str, str], Held]:
    """The ids of what rules name. Raises Unreadable for what is not there."""
    book, found = RoleBook(), {}
    accounts = dict(Account.objects.exclude(sis_account_id=None).values_list("sis_account_id", "pk"))
    accounts[""] = Account.objects.root().pk
    for role_name, account_name in {rule.gives for rule in rules}:
        role = book.find("", role_name)
        if role is None or account_name not in accounts:
            raise Unreadable(f"Rules for claims name what is not here: {role_name} in {account_name or 'the root'}")
        found[role_name, account_name] = (role.pk, accounts[account_name])
    return found


def _wanted(claims: Claims, rules: tuple[Rule, ...]) -> set[Held]:
    missing = sorted({rule.claim for rule in rules if is_elsewhere(claims, rule.claim)})
    if missing:
        raise Unreadable(f"the provider has left out {', '.join(missing)}, which is too large for it")
    places = places_in(rules)
    return {places[gives] for gives in roles_by(claims, rules)}


def _counting(person: User, now: datetime) -> set[Held]:
    held = counting(now).filter(user=person, course=None)
    return set(held.values_list("role_id", "account_id"))


def _give(person: User, role_id: int, account_id: int, *, now: datetime) -> None:
    role = Role.objects.get(pk=role_id)
    if role.retired_at is not None:
        logger.error("Claims would give a role that is retired: %s", role.label)
        return
    account = Account.objects.get(pk=account_id)
    enrolling.enroll(person, role, account, given_by=GivenBy.CLAIMS, actor=None, now=now)


def _end(held: Enrollment, *, now: datetime) -> None:
    try:
        enrolling.end(held, actor=None, now=now)
    except Denied as denied:  # the last who may edit the policy of the school
        logger.warning("A role that is no longer claimed stays, enrollment %s: %s", held.pk, denied.why)
