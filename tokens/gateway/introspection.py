"""Token introspection (RFC 7662), one token or many, for registered verifiers only."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from policies.governing import Governed, decide_for
from tokens import usage
from tokens.authentication import follow_up
from tokens.gateway.http import BadForm, Request, Response, as_json, oauth_error, only_post
from tokens.verification import Checked, verify_many
from tokens.verifiers import VerifierRow, recognise

MOST_TOKENS = 100
INACTIVE = {"active": False}
_CHALLENGE = ("WWW-Authenticate", 'Basic realm="tokenportal", charset="UTF-8"')


class BadCaller(Exception):
    """Whoever asks has not shown to be a registered verifier."""


def introspect(request: Request) -> Response:
    """One token: form field `token` in, RFC 7662's object out; anything but a live token is `{"active":false}`."""
    if request.method != "POST":
        return only_post()
    try:
        verifier = _caller(request)
        token = request.field("token")
    except BadForm as error:
        return oauth_error(400, "invalid_request", str(error))
    except BadCaller:
        return _bad_caller()
    if token is None:
        return oauth_error(400, "invalid_request", "token is missing.")
    return as_json(200, _answers(request, [token], verifier, timezone.now())[0])


def introspect_batch(request: Request) -> Response:
    """Up to 100 tokens, `{"tokens": [...]}` as JSON or repeated form fields `token`; answers in the same order."""
    if request.method != "POST":
        return only_post()
    try:
        verifier = _caller(request)
        tokens = _tokens(request)
    except BadForm as error:
        return oauth_error(400, "invalid_request", str(error))
    except BadCaller:
        return _bad_caller()
    return as_json(200, {"results": _answers(request, tokens, verifier, timezone.now())})


def _tokens(request: Request) -> list[str]:
    if request.content_type == "application/json":
        tokens = _json_tokens(request.body)
    else:
        tokens = [value for name, value in request.form if name == "token"]
    if not 0 < len(tokens) <= MOST_TOKENS:
        raise BadForm(f"Send 1 to {MOST_TOKENS} tokens.")
    return tokens


def _json_tokens(body: bytes) -> list[str]:
    """The strings of `{"tokens": [...]}`; what is no string stands for a token that is not live."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadForm("The body is not JSON.") from error
    tokens = value.get("tokens") if isinstance(value, dict) else None
    if not isinstance(tokens, list):
        raise BadForm('Send {"tokens": [...]}.')
    return [token if isinstance(token, str) else "" for token in tokens]


def _caller(request: Request) -> VerifierRow:
    """Who asks, by HTTP Basic or by form fields, never by both (RFC 6749 section 2.3). Raises BadCaller or BadForm."""
    credentials = request.basic() if request.authorization is not None else _form_credentials(request)
    verifier = recognise(*credentials) if credentials else None
    if verifier is None:
        raise BadCaller
    usage.note_verifier(verifier.id, timezone.now())
    return verifier


def _form_credentials(request: Request) -> tuple[str, str] | None:
    if request.content_type == "application/json":
        return None
    client_id, client_secret = request.field("client_id"), request.field("client_secret")
    return None if client_id is None or client_secret is None else (client_id, client_secret)


def _bad_caller() -> Response:
    return oauth_error(401, "invalid_client", "Only registered verifiers may ask.", _CHALLENGE)


def _answers(request: Request, texts: Sequence[str], verifier: VerifierRow, now: datetime) -> list[dict[str, Any]]:
    all_checked = verify_many(texts, now=now, with_membership=True)
    people = {each.owner.id: each.membership for each in all_checked if each.is_live and each.owner and each.membership}
    governed = decide_for(people, now=now, with_exemptions=False) if people else {}
    for checked in all_checked:
        follow_up(request.environ, checked, door="introspect", path="/oauth2/introspect", now=now)
    return [_answer(checked, governed, verifier) for checked in all_checked]


def _answer(checked: Checked, people: dict[int, Governed], verifier: VerifierRow) -> dict[str, Any]:
    token, owner = checked.token, checked.owner
    if not checked.is_live or token is None or owner is None:
        return INACTIVE
    told = [scope for scope in token.scopes if not verifier.allowed_scopes or scope in verifier.allowed_scopes]
    if token.scopes and not told:  # good for nothing at this service (RFC 7662 section 2.2); an empty list means all
        return INACTIVE
    person = people[owner.id]
    made = int(token.created_at.timestamp())
    answer = {
        "active": True,
        "scope": " ".join(told),
        "client_id": "tokenportal",
        "username": owner.login_id,
        "token_type": "Bearer",
        "iat": made,
        "nbf": made,
        "sub": str(owner.id),
        "iss": settings.PUBLIC_URL,
        "jti": token.lookup_id,
        "purpose": token.purpose,
        "roles": sorted({grant.base.value for grant in person.membership.standing.grants}),
        "capped": person.decision.capped,
        "account": person.membership.home[-1],
    }
    if token.expires_at is not None:
        answer["exp"] = int(token.expires_at.timestamp())
    return answer
