"""What the clients did, and what the database must tell of it in the end. Pure.

Each call names itself by an `X-Request-Id`, which the audit line of what it did carries: so it can be counted, deed by
deed, whether what was acknowledged happened once, and what was not, once or never.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple


@dataclass
class Deed:
    """One change that somebody wanted: by one call, or by several where the answers to the first ones were lost."""

    action: str
    names: list[str] = field(default_factory=list)  # of the calls
    is_acknowledged: bool = False
    is_refused: bool = False

    def __str__(self) -> str:
        return f"{self.action} by {self.names[0] if self.names else 'nobody'} and {len(self.names) - 1} more calls"


class Line(NamedTuple):
    """A line of the audit trail."""

    action: str
    subject: int | None
    after: Mapping[str, Any]
    name: str  # of the call


class Row(NamedTuple):
    """A token as it is in the end, by the names that its lines have."""

    id: int
    facts: Mapping[str, Any]


def find_uncounted(deeds: Iterable[Deed], lines: Iterable[Line]) -> Iterator[str]:
    """Deeds that were acknowledged and are not in the trail, or are there twice."""
    written = Counter((line.name, line.action) for line in lines)
    for deed in deeds:
        times = sum(written[name, deed.action] for name in deed.names)
        if deed.is_refused and times:
            yield f"{deed} was refused, and is in the trail {times} times"
        elif times > 1 or (deed.is_acknowledged and not times):
            was = "acknowledged" if deed.is_acknowledged else "not acknowledged"
            yield f"{deed} was {was}, and is in the trail {times} times"


def find_unlike(rows: Iterable[Row], lines: Iterable[Line]) -> Iterator[str]:
    """Tokens that are not what their lines, one after the other, say; and lines of tokens that are not there."""
    told: dict[int, dict[str, Any]] = {}
    for line in lines:
        if line.subject is not None and line.action.startswith("token."):
            told.setdefault(line.subject, {}).update(line.after)
    for row in rows:
        said = told.pop(row.id, {})
        if unlike := [name for name, value in row.facts.items() if not _is_same(said.get(name), value)]:
            yield f"token {row.id} differs from its lines in {unlike}: {row.facts}, told {said}"
    for missing in told:
        yield f"token {missing} has lines, and is not there"


def _is_same(said: Any, value: Any) -> bool:
    """A line keeps moments to the millisecond."""
    if isinstance(value, datetime):
        return isinstance(said, str) and abs(datetime.fromisoformat(said) - value).total_seconds() < 0.001
    return bool(said == value)
