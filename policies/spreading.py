"""How the new ends of many tokens are spread, so that they do not all come on one day. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

SPREAD_FROM = 200  # tokens: fewer than that many come to the ceiling itself
_PLACES = 2**64


@dataclass(frozen=True, slots=True)
class Spread:
    """A window before the ceiling in which each token has its place, the same one whenever it is asked for.

    The window is no longer than half the cap, so that a short cap does not come to nothing for some.
    """

    days: int

    def end(self, token_id: int, *, ceiling: datetime, cap_days: int) -> datetime:
        """The new end of a token that would have to end at `ceiling`: never later, and whole seconds earlier."""
        window = self._window(cap_days)
        digest = blake2b(str(token_id).encode(), digest_size=8).digest()
        return ceiling - timedelta(seconds=int(window.total_seconds()) * int.from_bytes(digest) // _PLACES)

    def share_by(self, moment: datetime, *, ceiling: datetime, cap_days: int) -> float:
        """How large a part of many tokens ends by `moment`, from 0 to 1."""
        window = self._window(cap_days)
        if moment >= ceiling or not window:
            return float(moment >= ceiling)
        return max(0.0, 1 - (ceiling - moment) / window)

    def _window(self, cap_days: int) -> timedelta:
        return min(timedelta(days=self.days), timedelta(days=cap_days) / 2)
