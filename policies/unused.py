"""When a token ends that nobody uses: never without a warning, and one use lifts that. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

WARNED_BEFORE = timedelta(days=7)
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Idle:
    """A token in use: since when nobody has used it, when its owner was warned of that, and after how long it ends.

    `since` is the last use, or when the secret was made; without a rule `days` is None.
    """

    since: datetime
    warned_at: datetime | None
    days: int | None

    @property
    def is_warned(self) -> bool:
        """Whether the warning still holds: no use came after it."""
        return self.warned_at is not None and self.since <= self.warned_at

    def is_to_be_warned(self, now: datetime) -> bool:
        return not self.is_warned and self._nears_its_end(now)

    def is_warned_in_vain(self, now: datetime) -> bool:
        """Whether a warning is to be taken back: the token was used, or the rule has become milder."""
        return self.warned_at is not None and not (self.is_warned and self._nears_its_end(now))

    def is_to_end(self, now: datetime) -> bool:
        return self.is_warned and self._nears_its_end(now) and self.end(now) <= now

    def end(self, now: datetime) -> datetime:
        """When it ends if nobody uses it, and is or was warned; under a rule only."""
        warned = self.warned_at if self.warned_at is not None and self.is_warned else now
        return max(self.since + A_DAY * (self.days or 0), warned + WARNED_BEFORE)

    def _nears_its_end(self, now: datetime) -> bool:
        return self.days is not None and now >= self.since + warned_after(self.days)


def warned_after(days: int) -> timedelta:
    """How long after its last use a token's owner is warned; where the rule is short, after a day."""
    return max(A_DAY * days - WARNED_BEFORE, A_DAY)
