"""Turns at the interpreter: a thread that has answered lets those that wait go on.

A thread that comes back from the database waits until the interpreter is free, and its neighbour lets go of it for
microseconds at a time: it has it again before the one that waits is awake. Under full load a request waited for two
seconds like that while thousands were answered beside it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PAUSE_SECONDS = 0.00002  # for the kernel that is enough to wake who waits; a shorter one it may not notice

_inside: set[int] = set()  # threads; adding and taking away are one step each


def inside() -> set[int]:
    """The threads that answer a request just now."""
    return set(_inside)


@contextmanager
def taking_turns() -> Iterator[None]:
    """Let other threads that answer a request go on after this block."""
    me = threading.get_ident()
    _inside.add(me)
    try:
        yield
    finally:
        _inside.discard(me)
        if _inside:
            time.sleep(PAUSE_SECONDS)
