"""`/verify`: forward-auth for nginx, Caddy, Traefik, Envoy. Answers 200, 401, 403 or 503 and nothing else, ever."""

import re
from datetime import UTC
from urllib.parse import quote

from django.utils import timezone

from tokens.authentication import check_header, follow_up
from tokens.gateway.http import Request, Response, empty
from tokens.headers import SUPERSEDED
from tokens.scopes import allows
from tokens.verification import Checked

LACKING = "insufficient_scope"  # as the uses of a token count it
_REALM = 'Bearer realm="tokenportal"'
_INVALID = f'{_REALM}, error="invalid_token", error_description="The access token is not valid"'
# What may stand in a header value as it is; the rest, and every byte beyond ASCII, is percent-encoded.
_PLAIN = " !#$&'()*+,/:;=?@[]|"
_ALL_PLAIN = re.compile(rf"[{re.escape(_PLAIN)}0-9A-Za-z_.~-]*", re.ASCII)


def verify(request: Request) -> Response:
    """Say whether the original request's bearer token is good, and whose it is."""
    if request.authorization is None:
        return empty(401, ("WWW-Authenticate", _REALM))
    now = timezone.now()
    checked = check_header(request.authorization, now=now, with_membership=True)
    wanted = _wanted_scopes(request)
    lacked = _lacked(checked, wanted)
    refused = LACKING if lacked else ""
    follow_up(request.environ, checked, door="verify", path="/verify", refused=refused, lacked=lacked, now=now)
    if not checked.is_live:
        return empty(401, ("WWW-Authenticate", _INVALID))
    if lacked:
        challenge = f'{_REALM}, error="insufficient_scope", scope="{_escaped(" ".join(wanted))}"'
        return empty(403, ("WWW-Authenticate", challenge))
    return empty(200, *_identity(checked))


def _wanted_scopes(request: Request) -> list[str]:
    """`?scope=a+b`, given once or several times: all of them are demanded."""
    return [scope for name, value in request.query if name == "scope" for scope in value.split()]


def _lacked(checked: Checked, wanted: list[str]) -> list[str]:
    """What is demanded of a live token and not among its scopes."""
    token = checked.token
    if token is None or not checked.is_live or allows(token.scopes, wanted):
        return []
    return [scope for scope in wanted if scope not in token.scopes]


def _identity(checked: Checked) -> list[tuple[str, str]]:
    """Whose token it is; all six headers always, so that none of a client's own survives in a proxy."""
    token, owner, membership = checked.token, checked.owner, checked.membership
    if token is None or owner is None or membership is None:
        raise ValueError("a live token has a row and an owner with a home")
    ends = token.ends_at
    identity = [
        ("X-Token-Subject", str(owner.id)),
        ("X-Token-User", _escaped(owner.login_id)),
        ("X-Token-Account", str(membership.home[-1])),
        ("X-Token-Scopes", _escaped(" ".join(token.scopes))),
        ("X-Token-Id", token.lookup_id),
        ("X-Token-Expires-At", "" if ends is None else f"{ends.astimezone(UTC).isoformat()[:19]}Z"),
    ]
    return [*identity, SUPERSEDED] if token.is_superseded else identity


def _escaped(value: str) -> str:
    return value if _ALL_PLAIN.fullmatch(value) else quote(value, safe=_PLAIN)
