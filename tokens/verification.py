"""Is this presented string good? One pure judgement over one row, read by one prepared statement.

Nothing is cached anywhere, so a revocation bites on the very next request in every process. The row is read by
`accounts.prepared`: the ORM's read costs ten times as much.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS

from accounts.models import User
from accounts.people import GRANTS_OF_U, Membership, membership_of
from accounts.prepared import Row, fetch_all, fetch_one
from tokens import secrets
from tokens.matching import match
from tokens.models import State


class Outcome(StrEnum):
    """What is told to someone who presents the full right secret; INVALID is all that anyone else hears."""

    LIVE = "live"
    INVALID = "invalid"
    PENDING = "pending"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"


class TokenRow(NamedTuple):
    """The columns of a token that a check needs."""

    id: int
    lookup_id: str
    tag: bytes
    tag_key: str
    verifier: str
    state: str
    created_at: datetime
    expires_at: datetime | None
    scopes: list[str]
    purpose: str

    def __repr__(self) -> str:
        return f"<TokenRow {self.lookup_id}>"


class Owner(NamedTuple):
    """What a check needs to know of the token's owner."""

    id: int
    login_id: str
    is_active: bool


@dataclass(slots=True)
class Checked:
    """The answer: `token`, `owner` and, if asked for, `membership` whenever the secret was right, also if it is dead.

    `retagged` is the new tag to store, where the tag's key has been retired.
    """

    outcome: Outcome
    token: TokenRow | None = None
    owner: Owner | None = None
    retagged: tuple[str, bytes] | None = None
    membership: Membership | None = None
    _user_columns: Row = ()

    @property
    def user(self) -> User | None:
        """The owner as Django knows people; to make one takes longer than all the rest of a judgement."""
        return User.from_db(DEFAULT_DB_ALIAS, _USER_FIELDS, self._user_columns) if self._user_columns else None

    @property
    def is_live(self) -> bool:
        return self.outcome == Outcome.LIVE


INVALID = Checked(Outcome.INVALID)

_TOKEN_COLUMNS = TokenRow._fields
_USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
_OWNER, _GRANTS = len(_TOKEN_COLUMNS), len(_TOKEN_COLUMNS) + len(_USER_FIELDS)  # where a row's parts begin
_OWNER_COLUMNS = itemgetter(*(_USER_FIELDS.index(name) for name in Owner._fields))
_COLUMNS = [f"t.{name}" for name in _TOKEN_COLUMNS] + [f"u.{field.column}" for field in User._meta.concrete_fields]
_FROM = " FROM tokens_accesstoken t JOIN accounts_user u ON u.id = t.user_id WHERE t.lookup_id = "
_TOKEN_AND_OWNER = f"SELECT {', '.join(_COLUMNS)}{_FROM}"
_WITH_GRANTS = f"SELECT {', '.join([*_COLUMNS, GRANTS_OF_U])}{_FROM}"
_ONE, _ONE_WITH_GRANTS = f"{_TOKEN_AND_OWNER}%s", f"{_WITH_GRANTS}%s"  # an array of one costs as much as its row
_MANY, _MANY_WITH_GRANTS = f"{_TOKEN_AND_OWNER}ANY(%s)", f"{_WITH_GRANTS}ANY(%s)"


def verify(text: str, *, now: datetime, with_membership: bool = False) -> Checked:
    """Check a presented string. Raises Overloaded, and django.db.Error where the database cannot be asked.

    `with_membership` also reads what the owner's roles amount to, in the same statement.
    """
    presented = secrets.parse(text)
    if presented is None:
        return INVALID
    row = fetch_one(_ONE_WITH_GRANTS if with_membership else _ONE, [presented.lookup_id])
    return _judge_row(presented, row, now)


def verify_many(texts: Sequence[str], *, now: datetime, with_membership: bool = False) -> list[Checked]:
    """Check many strings with one statement; the answers stand in their order. As `verify` otherwise."""
    if len(texts) == 1:
        return [verify(texts[0], now=now, with_membership=with_membership)]
    all_presented = [secrets.parse(text) for text in texts]
    lookup_ids = list({presented.lookup_id for presented in all_presented if presented})
    if not lookup_ids:
        return [INVALID] * len(texts)
    rows = {row[1]: row for row in fetch_all(_MANY_WITH_GRANTS if with_membership else _MANY, [lookup_ids])}
    return [
        _judge_row(presented, rows.get(presented.lookup_id), now) if presented else INVALID
        for presented in all_presented
    ]


def _judge_row(presented: secrets.Presented, row: Row | None, now: datetime) -> Checked:
    token = None if row is None else TokenRow._make(row[:_OWNER])
    matched = match(presented, token)
    if row is None or token is None or not matched.is_right:
        return INVALID
    user_columns = row[_OWNER:_GRANTS]
    owner = Owner._make(_OWNER_COLUMNS(user_columns))
    outcome = judge(token, owner_is_active=owner.is_active, now=now)
    member = membership_of(row[_GRANTS], now=now) if len(row) > _GRANTS else None
    return Checked(outcome, token, owner, matched.retagged, member, user_columns)


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
