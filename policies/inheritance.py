"""Where the value of each setting of an account comes from, and who has locked it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import Account
from policies.models import Policy
from policies.models.policy import as_rule
from policies.rules import SETTINGS, Merged


@dataclass(frozen=True, slots=True)
class Origin:
    """A setting of one account.

    `own` is what it sets itself (None: nothing), as its column has it; `inherited` what would hold without that, and
    `value` what holds, both as `Rules` have it. `source` is the account whose word `inherited` is, None where that is
    the portal's default. `locked_by` is the account above that has locked it, and `locks` says whether this one does.
    """

    own: Any
    inherited: Any
    value: Any
    source: Account | None
    locked_by: Account | None
    locks: bool

    @property
    def is_overruled(self) -> bool:
        """Whether a lock above leaves nothing of what is set here."""
        return self.own is not None and self.locked_by is not None and self.value == self.inherited


def origins(account: Account) -> dict[str, Origin]:
    """Every setting of an account by name, in two queries."""
    return _Line(account, Account.objects.in_bulk(account.path), Policy.objects.in_bulk(account.path)).origins()


class _Line:
    """An account with all above it, and what each decides."""

    def __init__(self, account: Account, accounts: Mapping[int, Account], policies: Mapping[int, Policy]) -> None:
        self._above = [(accounts[pk], policies[pk]) for pk in account.path if pk in policies and pk != account.pk]
        self._own = policies.get(account.pk, Policy(account=account))

    def origins(self) -> dict[str, Origin]:
        return {name: self._origin(name) for name in SETTINGS}

    def _origin(self, name: str) -> Origin:
        """Walk down as `merged` does, and note whose word came out at each step."""
        found, source, locked_by = Merged(), None, None
        for account, policy in self._above:
            before = getattr(found.rules, name)
            found = found.below(policy.own(), frozenset(policy.locked))
            if getattr(policy, name) is not None and (locked_by is None or getattr(found.rules, name) != before):
                source = account
            if locked_by is None and name in policy.locked:
                locked_by = account
        own, inherited = getattr(self._own, name), getattr(found.rules, name)
        value = inherited if own is None else found.left_of(name, as_rule(name, own))
        return Origin(own, inherited, value, source, locked_by, name in self._own.locked)
