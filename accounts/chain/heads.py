"""Heads: where the chain ended at some moment, written where this database cannot reach, and read back to compare.

A file of heads has one JSON object a line: `{"place": 1042, "hash": "9f2c…", "at": "2026-11-26T03:00:00Z"}`.
"""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from accounts.audit import AuditSeal
from accounts.moments import iso

_WRITTEN = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", re.ASCII)
_GROUP = 16  # what is longer, logs take for a secret


class HeadUnreadable(Exception):
    """What was given as a head is none; the message says what."""


@dataclass(frozen=True, slots=True)
class Head:
    """The place of a seal and its hash; `at` says when it was noted, where that is known."""

    place: int
    hash: bytes
    at: str = ""

    def __str__(self) -> str:
        return f"{self.place}:{self.hash.hex('-', _GROUP // 2)}"


def find_head() -> Head | None:
    """Where the chain ends; None before the first line is sealed."""
    last = AuditSeal.objects.order_by("-place").first()
    return None if last is None else Head(last.place, bytes(last.hash))


def append(head: Head, path: Path, *, now: datetime) -> None:
    """Write a head to the end of a file, and wait until the disk has it. Raises OSError."""
    line = json.dumps({"place": head.place, "hash": head.hash.hex(), "at": iso(now)})
    with path.open("a", encoding="ascii") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


def read(text: str) -> list[Head]:
    """The heads that a command line names: `PLACE:HASH`, or a file of them. Raises HeadUnreadable."""
    if match := _WRITTEN.fullmatch(text.strip().lower().replace("-", "")):
        return [_head(match[1], match[2])]
    try:
        return _read_lines(Path(text).read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeError) as error:
        raise HeadUnreadable(f"“{text}” is neither PLACE:HASH nor a file that can be read") from error


def _read_lines(lines: Iterable[str]) -> list[Head]:
    return [_read_line(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _read_line(number: int, line: str) -> Head:
    try:
        said = json.loads(line)
        return _head(said["place"], said["hash"], str(said.get("at", "")))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise HeadUnreadable(f"line {number} of the heads is not one") from error


def _head(place: object, digest: str, at: str = "") -> Head:
    return Head(int(str(place)), bytes.fromhex(digest), at)
