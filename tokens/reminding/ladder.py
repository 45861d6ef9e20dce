"""Of which step before or after its end the owner of a token is to be told. Pure.

A step is a number of days before the end, by the calendar of the owner; one after the end is negative.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

AT_END, AFTER = 0, -7
# So many days after the end it is news no more, whatever was missed.
OLD_NEWS = 30


@dataclass(frozen=True, slots=True)
class Life:
    """From when to when a secret is good, and the zone in which its owner counts days."""

    begins: datetime
    ends: datetime
    zone: ZoneInfo

    @property
    def first(self) -> date:
        return self.begins.astimezone(self.zone).date()

    @property
    def last(self) -> date:
        return self.ends.astimezone(self.zone).date()

    def steps(self, ladder: Iterable[int]) -> list[int]:
        """Those before the end that lie in the second half of its life: a short one has fewer, a day none."""
        days = (self.last - self.first).days
        return [step for step in ladder if 2 * step < days]

    def due(self, ladder: Iterable[int], *, is_tried: bool, now: datetime) -> int | None:
        """The step that was reached last; those before it are left out if nobody told of them. None: there is none.

        `is_tried` says whether something uses the token although it has ended.
        """
        today = now.astimezone(self.zone).date()
        if now < self.ends:
            return min((step for step in self.steps(ladder) if (self.last - today).days <= step), default=None)
        over = (today - self.last).days
        if over > OLD_NEWS:
            return None
        return AFTER if is_tried and over >= -AFTER else AT_END
