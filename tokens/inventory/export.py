"""The inventory as a file, for spreadsheets (CSV, RFC 4180) or for programs (JSON Lines), in memory that stays flat."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from accounts.models import User
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
    "user_id",
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
    "revoked_code",
    "revoked_reason",
)
_BETWEEN = {"roles": ", ", "scopes": " "}  # the texts of one cell
# What the API calls otherwise.
NAMES = {"token_id": "id", "lookup_id": "hint", "last_used_address": "last_used_ip", "requests": "use_count"}


def lines(tokens: AccessTokenQuerySet, viewer: User, *, now: datetime) -> Iterator[str]:
    """The file for spreadsheets, a chunk at a time."""
    yield BOM + written([COLUMNS])
    for chunk in _chunks(tokens, viewer, now):
        yield written(map(_cell, COLUMNS, values) for values in chunk)


def json_lines(tokens: AccessTokenQuerySet, viewer: User, *, now: datetime) -> Iterator[str]:
    """The file for programs, a chunk at a time: an object on each line, with the names and the forms of the API."""
    names = [NAMES.get(name, name) for name in COLUMNS]
    for chunk in _chunks(tokens, viewer, now):
        yield "".join(f"{json.dumps(dict(zip(names, values, strict=True)))}\n" for values in chunk)


def rows(tokens: Sequence[AccessToken], viewer: User, *, now: datetime) -> list[dict[str, object]]:
    """Some tokens, with their owners and makers at hand, as the objects of `json_lines`. Asks once."""
    names = [NAMES.get(name, name) for name in COLUMNS]
    people = memberships({token.user_id for token in tokens}, now=now)
    return [dict(zip(names, _values(token, people[token.user_id], viewer, now), strict=True)) for token in tokens]


def _chunks(tokens: AccessTokenQuerySet, viewer: User, now: datetime) -> Iterator[list[list[object]]]:
    """The values of COLUMNS for each token. Nothing of a secret is read."""
    rows = tokens.select_related("user", "creator").defer("tag", "verifier").iterator(CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        people = memberships({token.user_id for token in chunk}, now=now)
        yield [_values(token, people[token.user_id], viewer, now) for token in chunk]


def _values(token: AccessToken, known: Membership, viewer: User, now: datetime) -> list[object]:
    owner, is_kept_from_viewer = token.user, token.revoked_is_confidential and token.user_id == viewer.pk
    return [
        token.pk,
        token.lookup_id,
        token.purpose,
        token.state_at(now).value,
        owner.pk,
        owner.name,
        owner.login_id,
        owner.email,
        owner.sis_user_id,
        list(dict.fromkeys(grant.label for grant in known.standing.grants)),
        token.creator.login_id if token.creator else owner.login_id,
        *(when and iso(when) for when in (token.created_at, token.expires_at, token.last_used_at)),
        token.last_used_ip,
        token.last_used_agent,
        token.use_count,
        token.scopes,
        token.revoked_at and iso(token.revoked_at),
        *(("", "") if is_kept_from_viewer else (token.revoked_code, token.revoked_reason)),
    ]


def _cell(name: str, value: object) -> object:
    """A value as a cell has it."""
    return _BETWEEN[name].join(value) if isinstance(value, list) else value


def moment(when: datetime | None) -> str:
    """A moment as the file has it."""
    return iso(when) if when else ""
