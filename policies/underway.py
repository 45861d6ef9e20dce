"""The changes of settings that wait or are being carried out, as an account is told of them."""

from collections.abc import Collection
from dataclasses import dataclass

from accounts.models import Account
from accounts.tree import is_within
from policies.models import OPEN_STAGES, PlannedChange, Stage
from policies.telling import Told, told_of_planned


@dataclass(frozen=True, slots=True)
class Underway:
    """A change of an account, or of one above it."""

    planned: PlannedChange
    is_above: bool = False
    is_open: bool = True  # whether who looks may go to the settings of its account

    @property
    def waits(self) -> bool:
        """Whether it can still be undone."""
        return self.planned.stage == Stage.WAITING

    @property
    def told(self) -> list[Told]:
        """What it will do, as it was told when it was saved."""
        return told_of_planned(self.planned)

    @property
    def reached(self) -> int:
        """How many tokens it has reached."""
        return self.planned.shortened + self.planned.revoked

    @property
    def foreseen(self) -> int:
        """How many it will reach, as far as was known when it was saved; never fewer than it has."""
        return max(self.planned.hit, self.reached)


def underway(account: Account, *, within: Collection[int]) -> list[Underway]:
    """What `open_changes` finds; `within` are the accounts whose policy the visitor edits."""
    return [
        Underway(each, is_above=each.account_id != account.pk, is_open=is_within(each.account.path, within))
        for each in open_changes(account)
    ]


def open_changes(account: Account) -> list[PlannedChange]:
    """The one of the account first, then those of the accounts above, the nearest first. One query."""
    found = PlannedChange.objects.filter(account__in=account.path, stage__in=OPEN_STAGES)
    return sorted(found.select_related("account", "made_by"), key=lambda each: -len(each.account.path))
