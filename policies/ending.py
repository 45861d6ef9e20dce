"""What a change of the rules makes of the ends of tokens that exist. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from policies.decision import Decision
from policies.spreading import Spread


class Existing(StrEnum):
    """What becomes of the tokens of those who lose the right to create."""

    KEEP = "keep"
    RUN_OUT = "run_out"  # within the student limit, also where their owner is no student
    END_ON = "end_on"  # a moment that was chosen
    REVOKE = "revoke"


class Judged(Protocol):
    """A person under both rules, see `policies.comparing.Verdict`; `run_out_days` is the student limit after."""

    @property
    def loses(self) -> bool: ...
    @property
    def after(self) -> Decision: ...
    @property
    def run_out_days(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Ending:
    """How a change treats tokens that exist."""

    existing: Existing = Existing.KEEP
    existing_end: datetime | None = None  # of END_ON
    spread: Spread | None = None

    def revokes(self, judged: Judged) -> bool:
        """Whether it ends this person's tokens for good."""
        return self.existing == Existing.REVOKE and judged.loses

    def limit(self, judged: Judged) -> datetime | None:
        """The latest end that it leaves a token of this person; None for any."""
        limits = (judged.after.ceiling, self._limit_of_losers(judged) if judged.loses else None)
        return min((limit for limit in limits if limit is not None), default=None)

    def new_end(self, judged: Judged, token_id: int, expires_at: datetime | None) -> datetime | None:
        """The end that a token comes to: only ever an earlier one, the same one whenever it is asked for."""
        limit = self.limit(judged)
        if limit is None or (expires_at is not None and expires_at <= limit):
            return expires_at
        if self.spread is None or limit == self.existing_end:
            return limit
        return self.spread.end(token_id, ceiling=limit, cap_days=(limit - judged.after.now).days)

    def share_by(self, moment: datetime, judged: Judged) -> float:
        """How large a part of this person's tokens that it shortens ends by `moment`, from 0 to 1."""
        limit = self.limit(judged)
        if limit is None or self.spread is None or limit == self.existing_end:
            return float(limit is not None and limit <= moment)
        return self.spread.share_by(moment, ceiling=limit, cap_days=(limit - judged.after.now).days)

    def _limit_of_losers(self, judged: Judged) -> datetime | None:
        if self.existing == Existing.RUN_OUT:
            return judged.after.now + timedelta(days=judged.run_out_days)
        return self.existing_end if self.existing == Existing.END_ON else None
