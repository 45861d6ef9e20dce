"""Does a presented string match what is kept of one? The same question for tokens and for verifiers.

The HMAC tag decides. Where its key has been retired or lost, Argon2id does. In both cases, and where the key is
outgoing, a new tag is handed out to be stored.
"""

import threading
from dataclasses import dataclass
from typing import Protocol

from tokens import secrets
from tokens.secrets import Presented

# A retired key must not let anyone spend the server's memory: two hashes at a time, the rest are turned away.
_argon2_gate = threading.BoundedSemaphore(2)


class Overloaded(Exception):
    """Too many Argon2id checks at once; the caller answers 503 and nothing was decided."""


class Stored(Protocol):
    """What a row keeps of its string, see `tokens.secrets.Kept`."""

    @property
    def tag(self) -> bytes: ...
    @property
    def tag_key(self) -> str: ...
    @property
    def verifier(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Match:
    """Whether the string was the right one; `retagged` is its tag (key id, tag) under today's key, if it needs one."""

    is_right: bool
    retagged: tuple[str, bytes] | None = None


_RIGHT, _WRONG = Match(True), Match(False)


def match(presented: Presented, kept: Stored | None) -> Match:
    """Compare in constant time; for a lookup id that does not exist (`kept` is None) as slowly. Raises Overloaded."""
    if kept is None:
        secrets.compare_with_nothing(presented)
        return _WRONG
    if secrets.is_key_good(kept.tag_key):
        if not secrets.tag_matches(presented, kept.tag, kept.tag_key):
            return _WRONG
        return Match(True, secrets.tag_of(presented)) if secrets.is_key_outgoing(kept.tag_key) else _RIGHT
    if not _argon2_gate.acquire(blocking=False):
        raise Overloaded
    try:
        return Match(True, secrets.tag_of(presented)) if secrets.verifier_matches(presented, kept.verifier) else _WRONG
    finally:
        _argon2_gate.release()
