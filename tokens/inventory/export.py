"""The inventory as a file for spreadsheets (CSV, RFC 4180): read and written row by row, in memory that stays flat."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

from accounts.moments import iso
from accounts.people import Membership, memberships
from accounts.spreadsheets import BOM, written
from tokens.models import AccessToken, AccessTokenQuerySet

CHUNK = 1000  # rows
COLUMNS = (
    "token_id",
    "lookup_id",
    "purpose",
    "state",
    "owner",
    "sign_in",
    "email",
    "sis_user_id",
    "roles",
    "made_by",
    "created_at",
    "expires_at",
    "last_used_at",
    "last_used_address",
    "last_used_agent",
    "requests",
    "scopes",
    "revoked_at",
    "revoked_reason",
)


def lines(tokens: AccessTokenQuerySet, *, now: datetime) -> Iterator[str]:
    """The file, a chunk at a time. Nothing of a secret is read."""
    yield BOM + written([COLUMNS])
    rows = tokens.select_related("user", "creator").defer("tag", "verifier").iterator(CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        people = memberships({token.user_id for token in chunk}, now=now)
        yield written(_cells(token, people, now) for token in chunk)


def _cells(token: AccessToken, people: Mapping[int, Membership], now: datetime) -> list[object]:
    owner, roles = token.user, people[token.user_id].standing.grants
    return [
        token.pk,
        token.lookup_id,
        token.purpose,
        token.state_at(now).value,
        owner.name,
        owner.login_id,
        owner.email,
        owner.sis_user_id,
        ", ".join(dict.fromkeys(grant.label for grant in roles)),
        token.creator.login_id if token.creator else owner.login_id,
        *map(moment, (token.created_at, token.expires_at, token.last_used_at)),
        token.last_used_ip,
        token.last_used_agent,
        token.use_count,
        " ".join(token.scopes),
        moment(token.revoked_at),
        token.revoked_reason,
    ]


def moment(when: datetime | None) -> str:
    """A moment as the file has it."""
    return iso(when) if when else ""
