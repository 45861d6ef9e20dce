"""What the processes of the torture share: a file in memory that says how each token stands, and what to do.

A token's word is a counter of its changes and its standing in one aligned word, written at once: whoever finds the
same word before and after a request knows that nothing happened to the token in between.
"""

import mmap
from enum import IntEnum
from pathlib import Path

SECRET_BYTES = 96
WORD_BYTES = 8


class Phase(IntEnum):
    """How the servers stand."""

    UP = 0
    CHANGING = 1
    DOWN = 2  # PostgreSQL is away
    OVER = 3


class Standing(IntEnum):
    """How a token stands. ENDED is written after the end was acknowledged, CHANGING before it was asked for."""

    GOOD = 0
    CHANGING = 1
    ENDED = 2


class Board:
    """Words first (phase, wish to rest, rest taken, three per asker, one per token), then the secrets."""

    def __init__(self, path: Path, tokens: int, askers: int) -> None:
        self.path, self.tokens, self.askers = path, tokens, askers
        self._first_token = 3 + 3 * askers
        self._first_secret = WORD_BYTES * (self._first_token + tokens)
        if not path.exists():
            path.write_bytes(bytes(self._first_secret + tokens * SECRET_BYTES))
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), 0)
        self._words = memoryview(self._bytes)[: self._first_secret].cast("Q")

    @property
    def phase(self) -> Phase:
        return Phase(self._words[0])

    @phase.setter
    def phase(self, phase: Phase) -> None:
        self._words[0] = phase

    @property
    def should_rest(self) -> bool:
        """Whether the one who ends tokens should stop doing so for a while; `is_resting` is its answer."""
        return bool(self._words[1])

    @should_rest.setter
    def should_rest(self, wish: bool) -> None:
        self._words[1] = wish

    @property
    def is_resting(self) -> bool:
        return bool(self._words[2])

    @is_resting.setter
    def is_resting(self, is_resting: bool) -> None:
        self._words[2] = is_resting

    def report(self, asker: int, *counts: int) -> None:
        """An asker's `counts` so far, for those who wait for enough."""
        for at, count in enumerate(counts, 3 + 3 * asker):
            self._words[at] = count

    @property
    def counts(self) -> tuple[int, int, int]:
        """Of all askers: checks that began after an acknowledged end, wrong answers, and checks during DOWN."""
        counts = self._words[3 : self._first_token]
        return sum(counts[0::3]), sum(counts[1::3]), sum(counts[2::3])

    def word(self, token: int) -> int:
        return self._words[self._first_token + token]

    def stand(self, token: int, standing: Standing) -> None:
        """Let everybody know how a token stands now."""
        changes = self.word(token) >> 2
        self._words[self._first_token + token] = (changes + 1) << 2 | standing

    def secret(self, token: int) -> str:
        start = self._first_secret + token * SECRET_BYTES
        return self._bytes[start : start + SECRET_BYTES].rstrip(b"\0").decode()

    def give_secret(self, token: int, secret: str) -> None:
        """Write a secret while the token is CHANGING; whoever reads half of it finds another word afterwards."""
        start = self._first_secret + token * SECRET_BYTES
        self._bytes[start : start + SECRET_BYTES] = secret.encode().ljust(SECRET_BYTES, b"\0")


def standing_of(word: int) -> Standing:
    return Standing(word & 3)
