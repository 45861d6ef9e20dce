"""Which refusals the answer to a request shows, for whoever keeps account of them: forms, pages and API say so."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_shown: ContextVar[list[str] | None] = ContextVar("shown", default=None)


@contextmanager
def gathering() -> Iterator[list[str]]:
    """Give the codes that are shown inside, as they come."""
    codes: list[str] = []
    reset = _shown.set(codes)
    try:
        yield codes
    finally:
        _shown.reset(reset)


def show(codes: Iterable[str]) -> None:
    """Say what is about to be shown; nothing where nobody gathers it."""
    gathered = _shown.get()
    if gathered is not None:
        gathered.extend(codes)
