"""Refused acts of administrators: whoever may act on others, and is told no when they try, leaves a line in the trail.

The act's own transaction is gone with what it began, so the line has one of its own. Here for pages and API alike.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from django.utils import timezone

from accounts.audit import AuditEvent, record
from accounts.endpoints import route_of
from accounts.middleware import GetResponse
from accounts.models import Account, User
from accounts.pages import visitor
from accounts.parameters import number_in
from accounts.people import find_person
from policies import shown
from policies.refusals import ASK_TO_LOOK, Code
from tokens.models import AccessToken
from tokens.texts import searchable

logger = logging.getLogger(__name__)
ACTION = "act.refuse"
MOST_AN_HOUR = 60  # lines a person: a script that runs into a wall fills no disk
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# A step on the way, or nothing that anybody was refused.
_NO_REFUSALS = frozenset({*ASK_TO_LOOK, Code.RULES_BUSY, Code.IDEMPOTENCY_BUSY, "csrf_failed"})
# Only drawn; nothing would have been changed.
_LOOKS = frozenset({"policies:preview", "api_token_policy_preview"})
# What one does with what is one's own, and names nobody.
_OWN = frozenset(
    {
        *("login", "logout", "theme", "language", "preferences", "mail_preferences"),
        *("tokens:mine", "tokens:new", "tokens:ask", "tokens:revoke_all"),
        *("tokens:device", "tokens:device_deny"),
        *("tokens:request_generate", "tokens:request_withdraw"),
        *("api_token_self", "api_token_requests", "api_token_request", "api_mail_preferences"),
    }
)


class RefusedActsMiddleware:
    """Writes the line, after the answer is there."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in _SAFE:
            return self.get_response(request)
        with shown.gathering() as codes:
            response = self.get_response(request)
        refused = [code for code in dict.fromkeys(codes) if code not in _NO_REFUSALS]
        if refused and not 300 <= response.status_code < 400:
            _note(request, refused)
        return response


def _note(request: HttpRequest, codes: list[str]) -> None:
    """Keep it, if that is an administrator's; a refusal stands also where its line cannot be written."""
    match, user = request.resolver_match, getattr(request, "user", None)
    if match is None or user is None or not user.is_authenticated or match.view_name in _OWN | _LOOKS:
        return
    now = timezone.now()
    try:
        with transaction.atomic():
            if visitor(request, now=now).standing.permissions and _has_room(user, now):
                _write(request, match, user, codes, now)
    except Error:
        logger.exception("A refused act could not be noted")


def _has_room(user: User, now: datetime) -> bool:
    lately = AuditEvent.objects.filter(actor=user, at__gt=now - timedelta(hours=1), action=ACTION)
    return lately[:MOST_AN_HOUR].count() < MOST_AN_HOUR


def _write(request: HttpRequest, match: ResolverMatch, user: User, codes: list[str], now: datetime) -> None:
    target = _target(match.kwargs, user)
    if target == user:
        return
    named = {name: searchable(str(value)) for name, value in match.kwargs.items()}
    tried = {"codes": codes, "tried": f"{request.method} {route_of(match)}", **({"named": named} if named else {})}
    record(ACTION, actor=user, now=now, person=target, account=_account(match.kwargs), after=tried)


def _target(named: Mapping[str, object], user: User) -> User | None:
    """Whom it was about: the person that the address names, or the owner of the token."""
    if "user_id" in named:
        return find_person(str(named["user_id"]), viewer=user)
    if "token_id" in named:
        return _owner_of(str(named["token_id"]))
    return None


def _owner_of(reference: str) -> User | None:
    number = number_in(reference)
    by = {"pk": number} if number is not None else {"lookup_id__startswith": searchable(reference)}
    token = AccessToken.objects.filter(**by).select_related("user").first() if len(reference) > 4 or number else None
    return token.user if token else None


def _account(named: Mapping[str, object]) -> Account | None:
    number = number_in(str(named.get("account_id", "")))
    return Account.objects.filter(pk=number).first() if number is not None else None
