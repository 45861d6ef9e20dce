"""Which decision governs a person now: their roles, and the rules of their home account."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.people import Membership, memberships
from policies.decision import Decision, cap_of, decide
from policies.exempted import exempting_of
from policies.exempting import Exempting, exempt_until
from policies.models import Policy
from policies.models.policy import rules_by
from policies.outlook import Outlook, outlook_of, possible_homes
from policies.rules import Rules


@dataclass(frozen=True, slots=True)
class Governed:
    """A person's membership, the rules of their home account, and the decision that follows from both."""

    membership: Membership
    rules: Rules
    decision: Decision


def governed(user: User, *, now: datetime) -> Governed:
    return governed_many([user.pk], now=now)[user.pk]


def governed_many(user_ids: Iterable[int], *, now: datetime) -> dict[int, Governed]:
    """Decide for many people, in four queries."""
    return decide_for(memberships(user_ids, now=now), now=now)


def decide_for(people: Mapping[int, Membership], *, now: datetime) -> dict[int, Governed]:
    """Decide for people whose memberships are known, in two queries."""
    rules = Policy.objects.rules_for_many(person.home for person in people.values())
    exempting = exempting_of(people, now=now)
    return {
        user_id: _govern(person, rules[person.home], exempting.get(user_id, ()), now)
        for user_id, person in people.items()
    }


def _govern(person: Membership, rules: Rules, exempting: Iterable[Exempting], now: datetime) -> Governed:
    until = exempt_until(exempting, now=now)
    return Governed(person, rules, decide(person.standing, rules, now=now, exempt_until=until))


def is_capped(person: Membership, policies: Iterable[str]) -> bool:
    """Whether a person is capped, by what was read with them as POLICIES_OF_U: exemptions do not change that."""
    because, _days = cap_of(person.standing, rules_by(policies, person.home))
    return because is not None


def decision_for(user: User, *, now: datetime) -> Decision:
    return governed(user, now=now).decision


def outlook_for(user: User, person: Membership, *, now: datetime) -> Outlook:
    """The decision for a person, because of which roles, and what would follow if they ended; in two queries."""
    root = person.home[:1]
    rules = Policy.objects.rules_for_many(possible_homes(person.standing, root=root))
    exempting = exempting_of([user.pk], now=now).get(user.pk, ())
    return outlook_of(person.standing, rules, exempting, root=root, now=now)
