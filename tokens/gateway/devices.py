"""Device authorization (RFC 8628): where a program begins to ask for a token, and where it fetches it."""

import math
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from accounts import rates
from accounts.moments import iso
from accounts.origins import acting_from, address_of, origin
from policies.refusals import Refused
from policies.wording import sentence
from tokens import journal
from tokens.devices import CLIENTS, Begun, Wish, begin, codes, fetch
from tokens.gateway.http import BadForm, Request, Response, as_json, oauth_error, only_post
from tokens.lifecycle import Issued
from tokens.models import ANSWERED_WITHIN

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_PRAGMA = ("Pragma", "no-cache")  # RFC 6749, section 5.1


class Rate(rates.Rate):
    """So many calls from one address in one process; a program that waits asks every five seconds."""

    def __init__(self, scope: str) -> None:
        """`scope` names the rate among the settings."""
        self.scope = scope
        super().__init__()

    def get_cache_key(self, request: Any, view: object) -> str:
        """Count by address."""
        del view
        return f"{self.scope}:{address_of(request.environ)}"


def device_authorization(request: Request) -> Response:
    """Begin (section 3.1). Beside `scope` we read `host`, `purpose` and `days`: what the person finds filled in."""
    return _answer(request, "device", _begin)


def token(request: Request) -> Response:
    """Fetch (section 3.4): the token once it is allowed, until then and otherwise an error of section 3.5."""
    return _answer(request, "device_poll", _fetch)


def _answer(request: Request, scope: str, act: Callable[[Request], Response]) -> Response:
    """Let in a program that we know, by POST and not too often; `scope` names its rate."""
    if request.method != "POST":
        return only_post()
    rate = Rate(scope)
    if not rate.allow_request(request, None):  # type: ignore[arg-type]  # it looks at nothing but our key
        wait = str(math.ceil(rate.wait() or 1))
        return oauth_error(429, "temporarily_unavailable", "Too many calls.", ("Retry-After", wait))
    try:
        if request.field("client_id") not in CLIENTS:
            return oauth_error(401, "invalid_client", f"Known here: {', '.join(sorted(CLIENTS))}.")
        with acting_from(request.environ), translation.override("en"):  # as the API speaks
            return act(request)
    except BadForm as error:
        return oauth_error(400, "invalid_request", str(error))


def _begin(request: Request) -> Response:
    wish = _wish(request)
    try:
        return _begun(begin(wish, came_from=origin.get(), now=timezone.now()))
    except Refused as refused:
        return oauth_error(400, "invalid_scope", " ".join(map(sentence, refused.refusals)))


def _fetch(request: Request) -> Response:
    if request.field("grant_type") != GRANT:
        return oauth_error(400, "unsupported_grant_type", f"The only grant is {GRANT}.")
    device_code = request.field("device_code")
    if not device_code:
        return oauth_error(400, "invalid_request", "device_code is missing.")
    journal.require_open()  # what a restored database says of a code may be over
    fetched = fetch(device_code, now=timezone.now())
    if fetched.issued is None:
        return oauth_error(400, fetched.error, fetched.words)
    return _handed_over(fetched.issued)


def _wish(request: Request) -> Wish:
    days = request.field("days")
    if days is not None and not (days.isascii() and days.isdigit() and len(days) < 6):
        raise BadForm("days is no number.")
    return Wish(
        host=request.field("host") or "",
        purpose=request.field("purpose") or "",
        scopes=tuple((request.field("scope") or "").split()),
        days=int(days) if days else None,
    )


def _begun(begun: Begun) -> Response:
    code = codes.written(begun.row.user_code)
    page = f"{settings.PUBLIC_URL}/device/"
    return as_json(
        200,
        {
            "device_code": begun.device_code,
            "user_code": code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={code}",
            "expires_in": int(ANSWERED_WITHIN.total_seconds()),
            "interval": begun.row.interval,
        },
    )


def _handed_over(issued: Issued) -> Response:
    """The one answer with the secret (RFC 6749, section 5.1), and ours: which token it is, until when, and what for."""
    made, end = issued.token, issued.token.expires_at
    answer: dict[str, object] = {
        "access_token": issued.secret,
        "token_type": "Bearer",
        "scope": " ".join(made.scopes),
        "id": made.pk,
        "hint": made.lookup_id,
        "purpose": made.purpose,
        "expires_at": iso(end) if end else None,
    }
    if end is not None:
        answer["expires_in"] = int((end - made.created_at).total_seconds())
    return as_json(200, answer, _PRAGMA)
