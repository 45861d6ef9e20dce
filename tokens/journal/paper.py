"""The files of the journal: a page a line, as JSON; a file a month. Nothing here knows the database.

`{"page": 7, "mark": "9f2c…", "at": "…", "lines": [{"at": "…", "what": "revoked", "lookup_id": "…", "facts": {…}}]}`
A line that was cut off by the end of a machine is no page: its page is written again behind it.
"""

import fcntl
import json
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

PATIENCE, PAUSE = 10.0, 0.001  # seconds to wait for another process, and between two tries
_BLOCK = 64 * 1024
_MONTH = re.compile(r"endings-(\d{4}-\d{2})\.jsonl")


class Busy(OSError):
    """Another process has held the journal for too long."""


class Tail(NamedTuple):
    """The last page of a file."""

    number: int
    mark: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it stands in a file; `lines` are JSON objects, `at` is ISO 8601."""

    number: int
    mark: str
    at: str
    lines: list[dict[str, Any]]

    @property
    def tail(self) -> Tail:
        return Tail(self.number, self.mark)

    def written(self) -> bytes:
        """As it is appended."""
        page = {"page": self.number, "mark": self.mark, "at": self.at, "lines": self.lines}
        return json.dumps(page, separators=(",", ":")).encode() + b"\n"


@contextmanager
def held(directory: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Let nobody else append, on this host and wherever else the directory is mounted. Raises OSError.

    Raises Busy where somebody else holds it for longer than `patience` seconds.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    deadline = time.monotonic() + patience
    with (directory / "lock").open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Busy(f"the journal in {directory} is held by another process") from None
                time.sleep(PAUSE)
        yield


def segments(directory: Path) -> list[Path]:
    """The files of a journal, the oldest first. Raises OSError where the directory cannot be read."""
    if not directory.exists():
        return []
    return sorted(path for path in directory.iterdir() if _MONTH.fullmatch(path.name))


_tails: dict[Path, tuple[int, int, Tail | None]] = {}  # by file: its size, its time, and what was found


def find_tail(directory: Path) -> Tail | None:
    """The last page of a journal; None where there is none. Raises OSError."""
    for path in reversed(segments(directory)):
        known, now = _tails.get(path), path.stat()
        if known is None or known[:2] != (now.st_size, now.st_mtime_ns):
            with path.open("rb") as file:
                known = _tails[path] = (now.st_size, now.st_mtime_ns, _last_page(file, now.st_size))
        if known[2] is not None:
            return known[2]
    return None


def _last_page(file: BinaryIO, size: int) -> Tail | None:
    """Look for the last whole line that is a page, from the end of a file on."""
    held, begin = b"", size
    while begin > 0:
        begin, end = max(0, begin - _BLOCK), begin
        file.seek(begin)
        held = file.read(end - begin) + held
        whole = held[: held.rfind(b"\n") + 1]
        first = 0 if begin == 0 else whole.find(b"\n") + 1  # what stands before may have begun earlier
        for line in reversed(whole[first:].splitlines()):
            page = read_page(line)
            if page is not None:
                return page.tail
        if first:
            held = held[:first]
    return None


def read_page(line: bytes) -> Page | None:
    """A page; None for what is none."""
    try:
        said = json.loads(line)
        return Page(int(said["page"]), str(said["mark"]), str(said["at"]), list(said["lines"]))
    except (ValueError, KeyError, TypeError):
        return None


def pages(directory: Path) -> Iterator[Page]:
    """Every page, in the order in which they were written. Raises OSError."""
    for path in segments(directory):
        with path.open("rb") as file:
            for line in file:
                page = read_page(line) if line.endswith(b"\n") else None
                if page is not None:
                    yield page


def append(directory: Path, some: Iterable[Page]) -> int:
    """Append pages, and wait until the disk has them; return how many. The caller holds it. Raises OSError."""
    file: int | None = None
    path, count = None, 0
    try:
        for page in some:
            wanted = _segment_for(page, directory)
            if file is None or wanted != path:
                file, path = _turn_to(file, wanted), wanted
            _write(file, page.written())
            count += 1
    finally:
        _finish(file)
    return count


def forget(directory: Path, *, before: str) -> int:
    """Remove the files of months before `before` (as 2026-11), but never the last one; return how many."""
    old = [path for path in segments(directory)[:-1] if _month_of(path) < before]
    for path in old:
        path.unlink()
        _tails.pop(path, None)
    return len(old)


def _month_of(path: Path) -> str:
    found = _MONTH.fullmatch(path.name)
    return found[1] if found else ""


def _segment_for(page: Page, directory: Path) -> Path:
    """The file of a page's month, or a later one where a clock went back: a page never comes before another."""
    wanted = directory / f"endings-{page.at[:7]}.jsonl"
    return max([wanted, *segments(directory)[-1:]])


def _turn_to(file: int | None, path: Path) -> int:
    """Open a file to append to, behind a line of its own if the last one was cut off."""
    _finish(file)
    is_new = not path.exists()
    opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    if is_new:
        _sync_directory(path.parent)
    size = os.fstat(opened).st_size
    if size and os.pread(opened, 1, size - 1) != b"\n":
        _write(opened, b"\n")
    return opened


def _write(file: int, text: bytes) -> None:
    """Write all of it; in one stroke, unless the disk is full."""
    while text:
        text = text[os.write(file, text) :]


def _finish(file: int | None) -> None:
    if file is not None:
        try:
            os.fdatasync(file)
        finally:
            os.close(file)


def _sync_directory(directory: Path) -> None:
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
