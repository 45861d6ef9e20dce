"""What hangs on people's roles: how much there is, and how it is locked.

Accounts know no tokens: who keeps them counts them here, all that are in use, and locks them.
"""

from collections.abc import Callable, Collection
from datetime import datetime

Count = Callable[[datetime], int]
Hold = Callable[[Collection[int]], None]
_sources: list[Count] = []
_holders: list[Hold] = []


def count_from(source: Count) -> None:
    """Ask `source` how much it keeps."""
    if source not in _sources:
        _sources.append(source)


def hold_with(holder: Hold) -> None:
    """Have `holder` lock what it keeps for people."""
    if holder not in _holders:
        _holders.append(holder)


def hold(user_ids: Collection[int]) -> None:
    """Lock these people and all that is kept for them, until the transaction ends.

    For a transaction that is about to touch it in several steps: each of these takes it in order, but the second may
    begin before where the first has ended, and so wait in a circle with an act that locks nobody.
    """
    for holder in _holders:
        holder(user_ids)


def in_all(*, now: datetime) -> int:
    """How much there is, whoever it belongs to."""
    return sum(source(now) for source in _sources)
