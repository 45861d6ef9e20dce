"""Revoking for good what an emergency stop would cover, or what a pause stops: counted, typed, done in bulk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import Account, User
from accounts.people import Membership
from policies.refusals import Code, refuse
from tokens import bulk
from tokens.emergency import Target, tokens_of
from tokens.models import AccessTokenQuerySet, BulkAct, BulkKind, Pause
from tokens.reasons import Reason

# Tokens come and go while somebody types: so much of the number may have changed, in per cent.
DRIFT = 1


@dataclass(frozen=True, slots=True)
class Sweep:
    """The tokens to revoke; `filters` say in the act how they were found."""

    tokens: AccessTokenQuerySet
    account: Account | None
    filters: Mapping[str, Any] = field(default_factory=dict)

    def look(self, *, actor: User, known: Membership, now: datetime) -> bulk.Look:
        """What revoking them would reach."""
        return bulk.look(self.tokens, actor=actor, known=known, now=now)


def sweep_of(stopped: Target | Pause, *, now: datetime) -> Sweep:
    """All tokens in use of those whom a target names or a pause stops, those made meanwhile too."""
    tokens = bulk.fitting(tokens_of(stopped.stop, now=now), BulkKind.REVOKE, ends_at=None, now=now)
    if isinstance(stopped, Pause):
        return Sweep(tokens, stopped.account, {"pause": stopped.pk})
    named = {
        "whom": str(stopped.whom),
        "account": stopped.account and stopped.account.pk,
        "role": stopped.base and str(stopped.base),
        "course": stopped.course and stopped.course.pk,
    }
    return Sweep(tokens, stopped.account, {name: value for name, value in named.items() if value})


def revoke(
    sweep: Sweep,
    *,
    counted: int,
    typed: int | str | None,
    reason: Reason,
    key: str = "",
    actor: User | None,
    now: datetime,
) -> BulkAct:
    """Make the act that revokes them, for `bulk.carry_out` to do. `counted` is how many there are for this actor now.

    Raises Refused(count_not_typed) where what was typed is not that number.
    """
    if not isinstance(typed, int) or abs(typed - counted) * 100 > counted * DRIFT:
        raise refuse(Code.COUNT_NOT_TYPED, "number", number=counted)
    wish = bulk.Wish(BulkKind.REVOKE, reason, sweep.filters, key, account=sweep.account)
    return bulk.make(wish, sweep.tokens, actor=actor, now=now)
