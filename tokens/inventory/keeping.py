"""The figures of a large school, kept for a minute by each process of the web server.

To count a million tokens takes seconds, and none of the figures depends on the filters: whoever goes from page to page
should not wait for them each time. Those of a school in which counting takes no time are always of this moment.
"""

from datetime import datetime, timedelta

from tokens.inventory.figures import Figures, figures_of
from tokens.models import AccessTokenQuerySet

KEPT_FOR = timedelta(minutes=1)
MOST = 100  # parts of the school
_kept: dict[frozenset[int], tuple[datetime, Figures]] = {}


def figures_below(account_ids: frozenset[int], tokens: AccessTokenQuerySet, *, now: datetime) -> Figures:
    """The figures of the tokens below these accounts, which are `tokens`."""
    at, figures = _kept.get(account_ids, (None, None))
    if at is not None and figures is not None and at <= now < at + KEPT_FOR:
        return figures
    counted = figures_of(tokens, now=now)
    if counted.are_kept:
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[account_ids] = (now, counted)
    return counted


def forget() -> None:
    """Count everything anew from now on."""
    _kept.clear()
