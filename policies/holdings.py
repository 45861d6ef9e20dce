"""What people hold that a change of the rules would shorten or leave behind.

Policies know no tokens: who keeps them counts them here, by their owners' shapes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.census import Census, Shape

# Of each shape that matters: the latest end that the rules would leave, None where there is none.
Ceilings = Mapping[Shape, datetime | None]


@dataclass(frozen=True, slots=True)
class Held:
    """So many tokens, of people of one shape, on one side of their ceiling, all used of late or none.

    `first` and `last` are the earliest and the latest of their ends, both None where they have no end.
    """

    shape: Shape
    first: datetime | None
    last: datetime | None
    is_used: bool
    number: int


Count = Callable[[Census, Ceilings, datetime], Iterable[Held]]
_sources: list[Count] = []


def count_from(source: Count) -> None:
    """Ask `source` for what the people of a census hold."""
    if source not in _sources:
        _sources.append(source)


def held_by(census: Census, ceilings: Ceilings, *, at: datetime) -> list[Held]:
    """All that the people of these shapes hold and that, as things are, will still be in use at a moment."""
    return [held for source in _sources for held in source(census, ceilings, at)]
