"""The records of a CSV file, each with the physical line on which it begins. Reads as a stream."""

import csv
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO

# A quote that is never closed would make one record of the rest of the file.
MOST_LINES = 100
MOST_CHARACTERS = 131_072  # of one line; the csv module's own limit for one field


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of one record. `broken` says why there are none."""

    line: int
    fields: list[str]
    broken: str = ""


def records(stream: IO[bytes]) -> Generator[Record, None, None]:
    """Yield every record that is not empty.

    UTF-8 with or without a byte order mark. A record that is broken, such as by a quote that is never closed, takes its
    first line with it and no other: reading goes on with the next.
    """
    lines = _Lines(stream)
    try:
        yield from _records(lines)
    finally:
        lines.let_go()


def _records(lines: "_Lines") -> Iterator[Record]:
    reader = csv.reader(lines, strict=True)
    while True:
        begins = lines.begin()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLongError) as error:
            lines.give_back()
            reader = csv.reader(lines, strict=True)
            yield Record(begins, [], f"is not CSV: {error}")
            continue
        if any(map(str.strip, fields)):
            yield Record(begins, fields, _unreadable(fields))


def _unreadable(fields: list[str]) -> str:
    text = "".join(fields)
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return "is not UTF-8"
    return "holds a NUL character" if "\0" in text else ""


class _TooLongError(Exception):
    pass


class _Lines(Iterator[str]):
    """The physical lines of a file, counted; those of the record at hand can be given back."""

    def __init__(self, stream: IO[bytes]) -> None:
        # Bytes that are no UTF-8 become lone surrogates, by which their record is known.
        self._text = TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
        self._given_back: deque[str] = deque()
        self._taken: list[str] = []
        self._passed = 0

    def begin(self) -> int:
        """Begin a record; return the number of its first line."""
        self._passed += len(self._taken)
        self._taken = []
        return self._passed + 1

    def give_back(self) -> None:
        """Have all lines of this record but the first read again."""
        self._given_back.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]

    def let_go(self) -> None:
        """Leave the stream to whoever opened it."""
        self._text.detach()

    def __next__(self) -> str:
        if len(self._taken) == MOST_LINES:
            raise _TooLongError(f"a quoted text runs over {MOST_LINES} lines; is its quote closed?")
        line = self._given_back.popleft() if self._given_back else self._text.readline(MOST_CHARACTERS)
        if not line:
            raise StopIteration
        self._taken.append(line)
        if len(line) == MOST_CHARACTERS and not line.endswith(("\n", "\r")):
            self._pass_over()
            raise _TooLongError(f"the line is longer than {MOST_CHARACTERS} characters")
        return line

    def _pass_over(self) -> None:
        while (rest := self._text.readline(MOST_CHARACTERS)) and not rest.endswith(("\n", "\r")):
            pass
