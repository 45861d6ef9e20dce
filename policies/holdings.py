"""What people hold that a change of the rules would shorten or leave behind.

Policies know no tokens: who keeps them counts them here, by their owners' shapes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

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


@dataclass(frozen=True, slots=True)
class Treated:
    """What a change does to what people of one shape hold: it ends all of it, or what lives past a limit earlier."""

    limit: datetime | None
    revokes: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """One token of a person of a shape."""

    shape: Shape
    pk: int
    lookup_id: str
    purpose: str
    owner_id: int
    owner: str
    sign_in: str
    email: str
    expires_at: datetime | None
    last_used_at: datetime | None


Count = Callable[[Census, Ceilings, datetime], Iterable[Held]]
# Those that are treated and will be in use at a moment, the last used first; with a number no more than so many.
List = Callable[[Census, Mapping[Shape, Treated], datetime, int | None], Iterator[Listed]]
_sources: list[Count] = []
_lists: list[List] = []


def count_from(source: Count) -> None:
    """Ask `source` for what the people of a census hold."""
    if source not in _sources:
        _sources.append(source)


def list_from(source: List) -> None:
    """Ask `source` for the tokens themselves."""
    if source not in _lists:
        _lists.append(source)


def listed_of(
    census: Census, treated: Mapping[Shape, Treated], *, at: datetime, most: int | None = None
) -> Iterator[Listed]:
    """The tokens that are treated."""
    return chain.from_iterable(source(census, treated, at, most) for source in _lists)


def held_by(census: Census, ceilings: Ceilings, *, at: datetime) -> list[Held]:
    """All that the people of these shapes hold and that, as things are, will still be in use at a moment."""
    return [held for source in _sources for held in source(census, ceilings, at)]
