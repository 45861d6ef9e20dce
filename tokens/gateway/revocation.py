"""Token revocation (RFC 7009): whoever presents a complete token may end it, and hears nothing about it."""

import math
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts import rates
from accounts.origins import acting_from, address_of
from tokens import lifecycle
from tokens.gateway.http import BadForm, Request, Response, empty, oauth_error, only_post
from tokens.models import AccessToken
from tokens.reasons import Reason
from tokens.verification import Outcome, TokenRow, verify

ENDED = (Outcome.REVOKED, Outcome.EXPIRED, Outcome.SUPERSEDED)
REASON = Reason("Ended by somebody who presented it")


class Rate(rates.Rate):
    """So many calls from one address in one process; REST framework's counting, ahead of its requests."""

    scope = "revoke"

    def get_cache_key(self, request: Any, view: object) -> str:
        """Count by address."""
        del view
        return f"revoke:{address_of(request.environ)}"


def revoke(request: Request) -> Response:
    """End the token in form field `token`. 200 for every well-formed call, once the end is committed."""
    if request.method != "POST":
        return only_post()
    rate = Rate()
    if not rate.allow_request(request, None):  # type: ignore[arg-type]  # it looks at nothing but our key
        wait = str(math.ceil(rate.wait() or 1))
        return oauth_error(429, "temporarily_unavailable", "Too many calls.", ("Retry-After", wait))
    try:
        token = request.field("token")
    except BadForm as error:
        return oauth_error(400, "invalid_request", str(error))
    if token is None:
        return oauth_error(400, "invalid_request", "token is missing.")
    now = timezone.now()
    checked = verify(token, now=now)
    if checked.token is not None and checked.outcome not in ENDED:
        with acting_from(request.environ):
            _end(checked.token, now)
    return empty(200)


def _end(token: TokenRow, now: datetime) -> None:
    """End what was presented: the token, or of one that has a newer secret the earlier one alone."""
    if token.is_superseded:
        earlier = AccessToken.objects.get(pk=token.id)
        lifecycle.end_overlap(earlier, actor=None, now=now, reason=REASON)
    else:
        lifecycle.revoke_many([token.id], actor=None, now=now, reason=REASON)
