"""Is this presented string good? One pure judgement over one row, read by one prepared statement.

Nothing is cached anywhere, so a revocation bites on the very next request in every process. The row is read by
`accounts.prepared`: the ORM's read costs ten times as much.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db import DEFAULT_DB_ALIAS

from accounts.models import User
from accounts.prepared import fetch_one
from tokens import secrets
from tokens.models import State


class Outcome(StrEnum):
    """What is told to someone who presents the full right secret; INVALID is all that anyone else hears."""

    LIVE = "live"
    INVALID = "invalid"
    PENDING = "pending"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class TokenRow:
    """The columns of a token that a check needs."""

    id: int
    lookup_id: str
    tag: bytes
    tag_key: str
    state: str
    expires_at: datetime | None
    scopes: list[str]
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer: `token` and `user` are given whenever the secret was right, also for a dead token.

    `retagged` is the new tag to store, where the tag's key has been retired.
    """

    outcome: Outcome
    token: TokenRow | None = None
    user: User | None = None
    retagged: tuple[str, bytes] | None = None

    @property
    def is_live(self) -> bool:
        return self.outcome == Outcome.LIVE


INVALID = Checked(Outcome.INVALID)


class Overloaded(Exception):
    """Too many Argon2id checks at once; the caller answers 503 and nothing was decided."""


_TOKEN_COLUMNS = tuple(TokenRow.__dataclass_fields__)
_USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
_COLUMNS = [f"t.{name}" for name in _TOKEN_COLUMNS] + [f"u.{field.column}" for field in User._meta.concrete_fields]
_READ = (
    f"SELECT {', '.join(_COLUMNS)} "  # noqa: S608  # column names of our own
    "FROM tokens_accesstoken t JOIN accounts_user u ON u.id = t.user_id WHERE t.lookup_id = %s"
)
# A retired key must not let anyone spend the server's memory: two hashes at a time, the rest are turned away.
_argon2_gate = threading.BoundedSemaphore(2)


def verify(text: str, *, now: datetime) -> Checked:
    """Check a presented string. Raises Overloaded, and django.db.Error where the database cannot be asked."""
    presented = secrets.parse(text)
    if presented is None:
        return INVALID
    row = _read(presented.lookup_id)
    if row is None:
        secrets.compare_with_nothing(presented)
        return INVALID
    token, user = row
    retagged = None
    if secrets.is_key_good(token.tag_key):
        if not secrets.tag_matches(presented, token.tag, token.tag_key):
            return INVALID
    elif _verifier_matches(presented, token.verifier):
        retagged = secrets.tag_of(presented)
    else:
        return INVALID
    return Checked(judge(token, owner_is_active=user.is_active, now=now), token, user, retagged)


def judge(token: TokenRow, *, owner_is_active: bool, now: datetime) -> Outcome:
    """Rule R8, for a token whose secret was right. Pure."""
    if token.state == State.REVOKED:
        return Outcome.REVOKED
    if token.state == State.EXPIRED or (token.expires_at is not None and token.expires_at <= now):
        return Outcome.EXPIRED
    if not owner_is_active:
        return Outcome.INVALID
    return _JUDGED[token.state]


_JUDGED: dict[str, Outcome] = {
    State.ACTIVE: Outcome.LIVE,
    State.PENDING: Outcome.PENDING,
    State.SUSPENDED: Outcome.SUSPENDED,
}


def _read(lookup_id: str) -> tuple[TokenRow, User] | None:
    row = fetch_one(_READ, [lookup_id])
    if row is None:
        return None
    split = len(_TOKEN_COLUMNS)
    return TokenRow(*row[:split]), User.from_db(DEFAULT_DB_ALIAS, _USER_FIELDS, row[split:])


def _verifier_matches(presented: secrets.Presented, verifier: str) -> bool:
    if not _argon2_gate.acquire(blocking=False):
        raise Overloaded
    try:
        return secrets.verifier_matches(presented, verifier)
    finally:
        _argon2_gate.release()
