"""Verifying: every seal is worked out anew, here and not in the database, and what does not fit is named."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from django.db import connection

from accounts.chain.content import CONTENT
from accounts.chain.heads import Head
from accounts.chain.sealing import find_end

_CHUNK = 10_000  # seals
_FIRST = -(2**63)
Advance = Callable[[int, int], None]
# Each line is read by its number: before its statistics are there, PostgreSQL would walk the table for every chunk.
_SEALED = f"""
    SELECT s.place, s.line, s.hash, said.content
    FROM (SELECT * FROM accounts_auditseal WHERE place > %s ORDER BY place LIMIT %s) s
    LEFT JOIN LATERAL (
        SELECT {CONTENT} AS content FROM accounts_auditevent e WHERE e.id = s.line OFFSET 0
    ) AS said ON TRUE
    ORDER BY s.place
"""  # noqa: S608  # ours
_UNSEALED = """
    SELECT e.id FROM accounts_auditevent e
    WHERE (coalesce(e.xact, 0) < %(horizon)s OR e.xact >= %(beyond)s)
        AND NOT EXISTS (SELECT FROM accounts_auditseal s WHERE s.line = e.id)
    ORDER BY e.id
"""


class Wrong(StrEnum):
    """What can be wrong with a chain."""

    EDITED = "edited"
    REMOVED = "removed"
    ADDED = "added"
    SEAL_EDITED = "seal_edited"
    SEAL_REMOVED = "seal_removed"
    SEAL_ADDED = "seal_added"
    REWRITTEN = "rewritten"
    CUT_OFF = "cut_off"


_SENTENCES = {
    Wrong.EDITED: "line {line} at place {place} is not the one that was sealed: edited, or swapped with another",
    Wrong.REMOVED: "line {line} at place {place} was removed",
    Wrong.ADDED: "line {line} was added behind the portal's back: it has no seal, though later lines have theirs",
    Wrong.SEAL_EDITED: "the seal at place {place}, of line {line}, was edited; the line is as it was sealed",
    Wrong.SEAL_REMOVED: "there are no seals from place {place} to {until}",
    Wrong.SEAL_ADDED: "there is a seal at place {place}, of line {line}; places count from 1",
    Wrong.REWRITTEN: "the chain was sealed anew after it was noted: at place {place} it is another one",
    Wrong.CUT_OFF: "the end of the chain was cut off: place {place} was noted, and it ends before that",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where."""

    wrong: Wrong
    place: int | None = None
    line: int | None = None
    until: int | None = None

    def __str__(self) -> str:
        return _SENTENCES[self.wrong].format(place=self.place, line=self.line, until=self.until)

    @property
    def facts(self) -> dict[str, object]:
        """For programs."""
        facts: dict[str, object] = {
            "wrong": self.wrong.value,
            "place": self.place,
            "line": self.line,
            "until": self.until,
        }
        return {name: value for name, value in facts.items() if value is not None} | {"message": str(self)}


class Sealed(NamedTuple):
    """A seal with what its line says now; None where that is gone."""

    place: int
    line: int
    hash: bytes
    content: str | None


def link(before: bytes, content: str) -> bytes:
    """The hash of a seal: over the hash before it and what its line says, in UTF-8."""
    return hashlib.sha256(before + content.encode()).digest()


def verify(heads: Iterable[Head] = (), *, advance: Advance = lambda _done, _total: None) -> Iterator[Finding]:
    """Go over the whole chain, then look for lines outside of it; needs what can be sealed to be sealed.

    `advance` hears how many seals are done, and how many there are.
    """
    end, chain = find_end(), _Chain(heads)
    for seals in _chunks():
        for seal in seals:
            yield from chain.see(seal)
        advance(min(seals[-1].place, end.place), end.place)
    yield from chain.close()
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED, {"horizon": end.horizon, "beyond": end.beyond})
        yield from (Finding(Wrong.ADDED, line=line) for (line,) in cursor.fetchall())


def _chunks() -> Iterator[list[Sealed]]:
    last = _FIRST
    while seals := _read(last):
        yield seals
        last = seals[-1].place


def _read(last: int) -> list[Sealed]:
    with connection.cursor() as cursor:
        cursor.execute(_SEALED, [last, _CHUNK])
        return [Sealed(place, line, bytes(digest), content) for place, line, digest, content in cursor.fetchall()]


class _Chain:
    """The chain as it is gone over, seal by seal.

    Each hash is worked out from the one that stands before it, right or wrong, so one edit spoils no more than its own
    place. Whether there the line or the seal is wrong, the seal after it tells: it was made over the right hash.
    """

    def __init__(self, heads: Iterable[Head]) -> None:
        self._heads = {head.place: head for head in heads}
        self._place, self._hash = 0, b""
        self._doubt: tuple[Sealed, bytes] | None = None  # with the hash that its line comes to
        self._is_known = True  # the hash before; not behind a gap
        self._is_other = False

    def see(self, seal: Sealed) -> Iterator[Finding]:
        """Go on by one seal."""
        if seal.place < 1:
            yield Finding(Wrong.SEAL_ADDED, seal.place, seal.line)
            return
        if seal.place != self._place + 1:
            yield from self._gap(seal)
        yield from self._judge(seal)
        yield from self._compare(seal)
        self._place, self._hash, self._is_known = seal.place, seal.hash, True

    def close(self) -> Iterator[Finding]:
        """Say what only the end shows."""
        yield from self._settle()
        beyond = [place for place in self._heads if place > self._place]
        if beyond:
            yield Finding(Wrong.CUT_OFF, max(beyond))

    def _gap(self, seal: Sealed) -> Iterator[Finding]:
        yield from self._settle()
        self._is_known = False
        yield Finding(Wrong.SEAL_REMOVED, self._place + 1, until=seal.place - 1)

    def _judge(self, seal: Sealed) -> Iterator[Finding]:
        if seal.content is None:
            yield from self._settle()
            yield Finding(Wrong.REMOVED, seal.place, seal.line)
        elif not self._is_known:
            return  # nothing to work it out from
        elif link(self._hash, seal.content) == seal.hash:
            yield from self._settle()
        elif self._doubt and link(self._doubt[1], seal.content) == seal.hash:
            yield from self._settle(Wrong.SEAL_EDITED)
        else:
            yield from self._settle()
            self._doubt = seal, link(self._hash, seal.content)

    def _settle(self, wrong: Wrong = Wrong.EDITED) -> Iterator[Finding]:
        if self._doubt:
            yield Finding(wrong, self._doubt[0].place, self._doubt[0].line)
            self._doubt = None

    def _compare(self, seal: Sealed) -> Iterator[Finding]:
        """Once it is another chain it stays one: only the first noted place where it differs says something."""
        noted = self._heads.get(seal.place)
        if noted is not None and noted.hash != seal.hash and not self._is_other:
            self._is_other = True
            yield Finding(Wrong.REWRITTEN, seal.place)
