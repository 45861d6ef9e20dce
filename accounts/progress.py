"""How far a long command is: a bar on a terminal, now and then a line anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

SECONDS_BETWEEN_LINES = 5.0
# Called with what is done and how much there is in all, None where nobody knows yet.
Advance = Callable[[int, int | None], None]


class _Plain:
    """A command's stream without the line ends and colours that Django gives every piece of text."""

    def __init__(self, stream: OutputWrapper) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        self._stream.write(text, style_func=str, ending="")

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()


@dataclass(frozen=True, slots=True)
class Shown:
    """Where to tell how far it is, and what else there is to say meanwhile, a line each."""

    advance: Advance
    say: Callable[[str], None]


@contextmanager
def shown(title: str, stream: OutputWrapper) -> Iterator[Shown]:
    """Show the progress of what runs inside, on a command's stream."""
    plain = _Plain(stream)
    if not plain.isatty():
        yield Shown(_lines(title, plain), stream.write)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(file=plain)  # type: ignore[arg-type]  # all that rich asks of a file
    with Progress(*columns, console=console, redirect_stdout=False, redirect_stderr=False) as bar:
        task = bar.add_task(title, total=None)
        yield Shown(
            lambda done, total: bar.update(task, completed=done, total=total),
            lambda text: console.print(text, markup=False, highlight=False, soft_wrap=True),
        )


def _lines(title: str, stream: _Plain) -> Advance:
    last = time.monotonic()

    def advance(done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            stream.write(f"{title}: {done}\n" if total is None else f"{title}: {done} of {total}\n")

    return advance
