"""The rules of an account and of all below it: as they are, and as they would be if it set other values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from accounts.models import Account
from accounts.tree import Path
from policies.models import Policy
from policies.models.policy import merged
from policies.rules import Rules


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every account's own settings that matter for people whose home lies in the subtree of `account`."""

    account: Account
    policies: Mapping[int, Policy]
    _known: dict[Path, Rules] = field(default_factory=dict)

    @classmethod
    def of(cls, account: Account) -> "RuleBook":
        """As they are, in one query."""
        around = Q(account__in=account.path) | Q(account__path__contains=[account.pk])
        return cls(account, {policy.account_id: policy for policy in Policy.objects.filter(around)})

    @property
    def own(self) -> dict[str, object]:
        """What the account decides itself."""
        return self.policies.get(self.account.pk, Policy()).values()

    def supposing(self, values: Mapping[str, object]) -> "RuleBook":
        """As they would be if the account set `values`; its other settings stay."""
        policy = Policy(account=self.account, **{**self.own, **values})
        return RuleBook(self.account, {**self.policies, self.account.pk: policy})

    def at(self, home: Path) -> Rules:
        """The rules of a home account in the subtree; of its path only the accounts in `policies` matter."""
        if home not in self._known:
            self._known[home] = merged(self.policies, home).rules
        return self._known[home]

    def decides(self, name: str, home: Path) -> bool:
        """Whether the account's word on `name` matters at `home`: locked, or set by no account between."""
        depth = home.index(self.account.pk) + 1
        if name in merged(self.policies, home[:depth]).locked:
            return True
        return not any(
            step in self.policies and getattr(self.policies[step], name) is not None for step in home[depth:]
        )
