"""A clock that one process has for itself, and that can be set while it runs: by libfaketime.

As where somebody sets the clock of a machine, what measures how long something takes (the monotonic clock) goes on.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


def require_faketime() -> None:
    """Skip the test where the library is missing; on the build machine fail."""
    if not LIBRARIES:
        say: Any = pytest.fail if os.environ.get("CI") else pytest.skip
        say("libfaketime is not installed: apt-get install libfaketime")


class Clock:
    """Kept in a file, which the library reads with each look at the time."""

    def __init__(self, place: Path) -> None:
        self._file = place
        self.set(timedelta())

    @property
    def environment(self) -> dict[str, str]:
        """What a process has to be started with."""
        return {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(Path(__file__).parent / "sleeping"),
        }

    def set(self, ahead: timedelta) -> None:
        """Let it be so far ahead of everybody else's."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{ahead.total_seconds():+.0f}\n")
        new.replace(self._file)
