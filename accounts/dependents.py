"""How much there is that hangs on people's roles.

Accounts know no tokens: who keeps them counts them here, all that are in use.
"""

from collections.abc import Callable
from datetime import datetime

Count = Callable[[datetime], int]
_sources: list[Count] = []


def count_from(source: Count) -> None:
    """Ask `source` how much it keeps."""
    if source not in _sources:
        _sources.append(source)


def in_all(*, now: datetime) -> int:
    """How much there is, whoever it belongs to."""
    return sum(source(now) for source in _sources)
