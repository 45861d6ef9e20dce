"""Lets Python sleep under libfaketime: read by every interpreter that has this directory on its path.

`time.sleep` sleeps until a moment of the monotonic clock, which libfaketime 0.9.10 takes for one of the clock that it
fakes, and refuses. `select` is told how long.
"""

import select
import time


def sleep(seconds: float) -> None:
    """Sleep so long; a signal wakes nobody (PEP 475)."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep  # type: ignore[assignment]  # nobody sleeps by an index
