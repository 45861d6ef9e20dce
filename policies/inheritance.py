"""Where the value of each setting of an account comes from."""

from dataclasses import dataclass

from accounts.models import Account
from policies.decision import Rules
from policies.models import SETTINGS, Policy


@dataclass(frozen=True, slots=True)
class Origin:
    """A setting of one account: its own value (None if inherited), what it inherits, and from which account.

    `source` is None where no account above has set it: then the portal's default holds.
    """

    own: object
    inherited: object
    source: Account | None

    @property
    def value(self) -> object:
        """What holds here."""
        return self.inherited if self.own is None else self.own


def origins(account: Account) -> dict[str, Origin]:
    """Every setting of an account by name, in two queries."""
    policies = Policy.objects.in_bulk(account.path)
    accounts = Account.objects.in_bulk(account.path)
    above = [(accounts[pk], policies[pk]) for pk in account.path if pk in policies and pk != account.pk]
    return {name: _origin(name, policies.get(account.pk), above) for name in SETTINGS}


def _origin(name: str, own: Policy | None, above: list[tuple[Account, Policy]]) -> Origin:
    setters = [(account, getattr(policy, name)) for account, policy in above if getattr(policy, name) is not None]
    source, inherited = setters[-1] if setters else (None, getattr(Rules(), name))
    return Origin(getattr(own, name) if own else None, inherited, source)
