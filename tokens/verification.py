"""Is this presented string good? One pure judgement over one row, read by one prepared statement.

What that does not find is looked for by a second one, among the secrets that rotations have put aside.

Nothing is cached anywhere, so a revocation bites on the very next request in every process. The row is read by
`accounts.prepared`: the ORM's read costs ten times as much.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS

from accounts.models import User
from accounts.people import GRANTS_OF_U, Membership, membership_of, memberships
from accounts.prepared import Row, fetch_all, fetch_one
from policies.models.policy import POLICIES_OF_U
from tokens import journal, secrets
from tokens.matching import match
from tokens.models import State
from tokens.models.pause import STOPS, stops_of
from tokens.stops import is_stopped


class Outcome(StrEnum):
    """What is told to someone who presents the full right secret; INVALID is all that anyone else hears."""

    LIVE = "live"
    INVALID = "invalid"
    PENDING = "pending"
    SUSPENDED = "suspended"
    PAUSED = "paused"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class TokenRow(NamedTuple):
    """The columns of a token that a check needs, with those of the secret that was presented.

    `works_until` is when that secret stops, where a rotation has put it aside; None for the present one.
    """

    id: int
    lookup_id: str
    tag: bytes
    tag_key: str
    verifier: str
    works_until: datetime | None
    state: str
    created_at: datetime
    expires_at: datetime | None
    scopes: list[str]
    purpose: str

    def __repr__(self) -> str:
        return f"<TokenRow {self.lookup_id}>"

    @property
    def is_superseded(self) -> bool:
        return self.works_until is not None

    @property
    def ends_at(self) -> datetime | None:
        """When what was presented stops: with its token, or with the overlap if that is over before."""
        if self.works_until is None or self.expires_at is None:
            return self.works_until or self.expires_at
        return min(self.works_until, self.expires_at)


class Owner(NamedTuple):
    """What a check needs to know of the token's owner."""

    id: int
    login_id: str
    is_active: bool


@dataclass(slots=True)
class Checked:
    """The answer: `token` and `owner` whenever the secret was right, also if it is dead.

    `retagged` is the new tag to store, where the tag's key is on its way out or gone. What a door asked for beside the
    token stands in `membership` and `policies` (for `policies.governing.is_capped`), of a live token only.
    """

    outcome: Outcome
    token: TokenRow | None = None
    owner: Owner | None = None
    retagged: tuple[str, bytes] | None = None
    membership: Membership | None = None
    policies: Sequence[str] = ()
    user_columns: Row = ()

    @property
    def user(self) -> User | None:
        """The owner as Django knows people; to make one takes longer than all the rest of a judgement."""
        return User.from_db(DEFAULT_DB_ALIAS, _USER_FIELDS, self.user_columns) if self.user_columns else None

    @property
    def is_live(self) -> bool:
        return self.outcome == Outcome.LIVE


INVALID = Checked(Outcome.INVALID)

_TOKEN, _OWNER = len(TokenRow._fields), len(TokenRow._fields) + len(Owner._fields)  # where these parts of a row end
_STOPS, _MORE = _OWNER, _OWNER + 1  # and what stands where behind them
_USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
_USER = ", ".join(f"u.{field.column}" for field in User._meta.concrete_fields)
_OF_SECRET = {"lookup_id", "tag", "tag_key", "verifier", "works_until"}
_OF_OWNER = ", ".join(f"u.{name}" for name in Owner._fields)
_PRESENT = ", ".join("NULL::timestamptz" if name == "works_until" else f"t.{name}" for name in TokenRow._fields)
_EARLIER = ", ".join(f"{'s' if name in _OF_SECRET else 't'}.{name}" for name in TokenRow._fields)
_BY_PRESENT = "FROM tokens_accesstoken t JOIN accounts_user u ON u.id = t.user_id WHERE t.lookup_id ="
_BY_EARLIER = """FROM tokens_supersededsecret s JOIN tokens_accesstoken t ON t.id = s.token_id
    JOIN accounts_user u ON u.id = t.user_id WHERE s.lookup_id ="""


class Reads(NamedTuple):
    """Two statements with the same columns: tokens by their present secrets, and by those that rotations put aside.

    Only what the first does not find is looked for by the second: in one statement both would cost every check a fifth.
    A secret that is put aside between the two was there for the first.
    """

    present: str
    earlier: str

    def one(self, lookup_id: str) -> Row | None:
        """The row of a lookup id. Raises django.db.Error where the database cannot be asked."""
        row = fetch_one(self.present, [lookup_id])
        return fetch_one(self.earlier, [lookup_id]) if row is None else row


def _reads(more: str, wanted: str = "%s") -> Reads:
    """Reads of what a check needs and `more`; behind the owner come the pauses in force."""
    behind = f"{_OF_OWNER}, {STOPS}, {more}"
    return Reads(
        f"SELECT {_PRESENT}, {behind} {_BY_PRESENT} {wanted}", f"SELECT {_EARLIER}, {behind} {_BY_EARLIER} {wanted}"
    )


_WITH_USER, _WITH_GRANTS = _reads(_USER), _reads(GRANTS_OF_U)
GOVERNED = _reads(f"{GRANTS_OF_U}, {POLICIES_OF_U}")
_MANY_GOVERNED = _reads(f"{GRANTS_OF_U}, {POLICIES_OF_U}", "ANY(%s)")

parse = secrets.parse


def verify(text: str, *, now: datetime, with_membership: bool = False) -> Checked:
    """Check a presented string. Raises Overloaded, and django.db.Error where the database cannot be asked.

    So with journal.Quarantined while it is older than the journal.

    `with_membership` reads what the owner's roles amount to, instead of all that is known of the owner as a user.
    """
    presented = parse(text)
    if presented is None:
        return INVALID
    row = (_WITH_GRANTS if with_membership else _WITH_USER).one(presented.lookup_id)
    checked = _judge_row(presented, row, now, has_grants=with_membership)
    if row is not None and checked.is_live:
        if with_membership:
            checked.membership = membership_of(row[_MORE], now=now)
        else:
            checked.user_columns = row[_MORE:]
    return checked


def verify_many(texts: Sequence[str], *, now: datetime) -> list[Checked]:
    """Check many strings, with membership and policies, by as few statements; the answers stand in their order."""
    all_presented = [parse(text) for text in texts]
    rows = _rows({presented.lookup_id for presented in all_presented if presented})
    return [
        judge_governed(presented, rows.get(presented.lookup_id), now=now) if presented else INVALID
        for presented in all_presented
    ]


def _rows(lookup_ids: set[str]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for statement in _MANY_GOVERNED:
        missing = list(lookup_ids - rows.keys())
        rows |= {row[1]: row for row in fetch_all(statement, [missing])} if missing else {}
    return rows


def judge_governed(presented: secrets.Presented, row: Row | None, *, now: datetime) -> Checked:
    """Judge what was presented by the row that GOVERNED gives for its lookup id. Raises Overloaded."""
    checked = _judge_row(presented, row, now, has_grants=True)
    if row is not None and checked.is_live:
        checked.membership, checked.policies = membership_of(row[_MORE], now=now), row[_MORE + 1]
    return checked


def _judge_row(presented: secrets.Presented, row: Row | None, now: datetime, *, has_grants: bool) -> Checked:
    journal.require_open()
    token = None if row is None else TokenRow._make(row[:_TOKEN])
    matched = match(presented, token)
    if row is None or token is None or not matched.is_right:
        return INVALID
    owner = Owner._make(row[_TOKEN:_OWNER])
    is_paused = row[_STOPS] is not None and _is_paused(row, owner, now, has_grants=has_grants)
    outcome = judge(token, owner_is_active=owner.is_active, is_paused=is_paused, now=now)
    return Checked(outcome, token, owner, matched.retagged)


def _is_paused(row: Row, owner: Owner, now: datetime, *, has_grants: bool) -> bool:
    """Whether one of the pauses in force stops the owner; their grants are looked up where the row has none."""
    known = membership_of(row[_MORE], now=now) if has_grants else memberships([owner.id], now=now)[owner.id]
    return is_stopped(stops_of(row[_STOPS]), known.standing, known.home)


def judge(token: TokenRow, *, owner_is_active: bool, is_paused: bool, now: datetime) -> Outcome:
    """Rule R8, for a token whose secret was right. Pure."""
    if token.state == State.REVOKED:
        return Outcome.REVOKED
    if token.state == State.EXPIRED or (token.expires_at is not None and token.expires_at <= now):
        return Outcome.EXPIRED
    if not owner_is_active:
        return Outcome.INVALID
    outcome = _JUDGED[token.state]
    if outcome != Outcome.LIVE:
        return outcome
    if token.works_until is not None and token.works_until <= now:
        return Outcome.SUPERSEDED
    return Outcome.PAUSED if is_paused else outcome


_JUDGED: dict[str, Outcome] = {
    State.ACTIVE: Outcome.LIVE,
    State.PENDING: Outcome.PENDING,
    State.SUSPENDED: Outcome.SUSPENDED,
}
