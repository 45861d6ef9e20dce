"""How far a long command is: a bar on a terminal, now and then a line anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

SECONDS_BETWEEN_LINES = 5.0
# Called with what is done and how much there is in all.
Advance = Callable[[int, int], None]


class Stream(Protocol):
    """What a command writes to."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> object: ...
    def isatty(self) -> bool: ...


@contextmanager
def shown(title: str, stream: Stream) -> Iterator[Advance]:
    """Show the progress of what runs inside, on `stream`."""
    if not stream.isatty():
        yield _lines(title, stream)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=stream, force_terminal=True)) as bar:  # type: ignore[arg-type]  # it writes, flushes and asks isatty
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(title: str, stream: Stream) -> Advance:
    last = time.monotonic()

    def advance(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            stream.write(f"{title}: {done} of {total}\n")
            stream.flush()

    return advance
