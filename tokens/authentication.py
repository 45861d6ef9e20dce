"""How the API learns who calls: a bearer token, or a browser session with its CSRF token."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.utils import timezone
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.endpoints import route_of
from accounts.models import User
from accounts.origins import Environ, address_of, agent_of, note_token
from tokens import lifecycle, metering, usage
from tokens.verification import INVALID, Checked, Outcome, TokenRow, verify

# RFC 6750 section 2.1, the scheme in any case, one or more spaces (RFC 9110 section 11.4), no other white space.
_BEARER = re.compile(r"bearer +([0-9A-Za-z._~+/-]+=*)", re.IGNORECASE | re.ASCII)


class BadToken(AuthenticationFailed):
    """A bearer token that does not let its caller in; `tokenportal.errors` words it."""

    def __init__(self, outcome: Outcome, expired_at: datetime | None = None) -> None:
        super().__init__(code=outcome)
        self.outcome = outcome
        self.expired_at = expired_at


class CsrfFailed(PermissionDenied):
    """A call that changes something came with a browser session, but without its CSRF token."""


class InsufficientScope(PermissionDenied):
    """The token is good, but was not made for this (RFC 6750 section 3.1)."""

    def __init__(self, scope: str) -> None:
        super().__init__(code="insufficient_scope")
        self.scope = scope


@dataclass(frozen=True, slots=True)
class Bearer:
    """The token that carries a call, and when: `request.auth`; None for a browser session."""

    token: TokenRow
    at: datetime

    def require(self, scope: str) -> None:
        """Raise InsufficientScope unless the token holds `scope`."""
        if scope not in self.token.scopes:
            raise self.lacking(scope)

    def lacking(self, scope: str) -> InsufficientScope:
        """The refusal for want of a scope, which is counted."""
        usage.note_lacking(self.token.id, self.at, [scope])
        return InsufficientScope(scope)

    def is_named(self, reference: str) -> bool:
        """Whether a path means this very token by `reference`: its number, its lookup id or the beginning of that."""
        return reference == str(self.token.id) or (len(reference) >= 5 and self.token.lookup_id.startswith(reference))


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer …`; a bad token is fatal even beside a good session."""

    def authenticate(self, request: Request) -> tuple[User, Bearer] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        now = timezone.now()
        checked = check_header(header, now=now)
        follow_up(request.META, checked, door="api", path=_path(request), now=now)
        if not checked.is_live:
            expired_at = checked.token.expires_at if checked.token and checked.outcome == Outcome.EXPIRED else None
            raise BadToken(checked.outcome, expired_at)
        carried = Bearer(cast("TokenRow", checked.token), now)
        note_token(carried.token.lookup_id)
        return cast("User", checked.user), carried

    def authenticate_header(self, request: Request) -> str:
        """Make Django REST framework answer 401; the challenge itself is worded by `tokenportal.errors`."""
        del request
        return "Bearer"


def check_header(header: str, *, now: datetime, with_membership: bool = False) -> Checked:
    """Judge the value of an `Authorization` header; anything but one well-formed bearer token is invalid."""
    match = _BEARER.fullmatch(header)
    return verify(match[1], now=now, with_membership=with_membership) if match else INVALID


def follow_up(
    environ: Environ,
    checked: Checked,
    *,
    door: str,
    path: str,
    now: datetime,
    refused: str = "",
    lacked: Sequence[str] = (),
) -> None:
    """Count a check; where the secret was right, count the use, also of a dead token, and tag it anew if that is due.

    `path` groups uses, without ids; `refused` says why a live token did not get through after all, and `lacked` which
    scopes were asked of it in vain.
    """
    metering.count_check(door, refused or checked.outcome.value)
    token = checked.token
    if token is None:
        return
    outcome = refused or (usage.ACCEPTED if checked.is_live else checked.outcome.value)
    usage.note(token.id, usage.Use(now, outcome, path, address_of(environ), agent_of(environ)))
    if lacked:
        usage.note_lacking(token.id, now, lacked)
    if checked.retagged is not None:
        lifecycle.retag(token.lookup_id, checked=(token.tag_key, token.tag), new=checked.retagged)


def _path(request: Request) -> str:
    """The endpoint that is called, by its pattern: `GET /api/v1/users/:user_id/tokens`."""
    return f"{request.method} {route_of(request.resolver_match)}"


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser session, with CSRF."""

    def enforce_csrf(self, request: Request) -> None:
        """Raise CsrfFailed where Django's check fails."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfFailed from error
