"""Which decision governs a person now: their roles, the rules of their home account, and the lock between the two."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.models import User
from accounts.people import Membership, memberships
from policies.decision import Decision, decide
from policies.models import Policy

# The key of the advisory lock that keeps rules still; any number that nothing else in the database uses.
_RULES_LOCK = 7_221_001


@dataclass(frozen=True, slots=True)
class Governed:
    """A person's membership with the decision that follows from it."""

    membership: Membership
    decision: Decision


def governed(user: User, *, now: datetime) -> Governed:
    return governed_many([user.pk], now=now)[user.pk]


def governed_many(user_ids: Iterable[int], *, now: datetime) -> dict[int, Governed]:
    """Decide for many people, in three queries."""
    people = memberships(user_ids, now=now)
    rules = Policy.objects.rules_for_many(person.home for person in people.values())
    return {
        user_id: Governed(person, decide(person.standing, rules[person.home], now=now))
        for user_id, person in people.items()
    }


def decision_for(user: User, *, now: datetime) -> Decision:
    return governed(user, now=now).decision


def hold_rules() -> None:
    """Keep every account's rules as they are until this transaction ends; many may hold them at once.

    Without it a token could be made by the old rules after the clamp for the new ones has looked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_RULES_LOCK])


def take_rules() -> None:
    """Wait until nobody holds the rules, and keep others from holding them until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_RULES_LOCK])
