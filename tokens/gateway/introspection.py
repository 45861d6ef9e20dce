"""Token introspection (RFC 7662), one token or many, for registered verifiers only."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.prepared import fetch_both, fetch_one
from policies.governing import is_capped
from tokens import usage, verification, verifiers
from tokens.authentication import follow_up
from tokens.gateway.http import BadForm, Request, Response, as_json, oauth_error, only_post
from tokens.verification import Checked
from tokens.verifiers import Claim, VerifierRow

Told = dict[str, Any]
MOST_TOKENS = 100
INACTIVE: Told = {"active": False}
_CHALLENGE = ("WWW-Authenticate", 'Basic realm="tokenportal", charset="UTF-8"')


class BadCaller(Exception):
    """Whoever asks has not shown to be a registered verifier."""


def introspect(request: Request) -> Response:
    """One token: form field `token` in, RFC 7662's object out; anything but a live token is `{"active":false}`."""
    return _answer(request, _one_token, lambda answers: answers[0])


def introspect_batch(request: Request) -> Response:
    """Up to 100 tokens, `{"tokens": [...]}` as JSON or repeated form fields `token`; answers in the same order."""
    return _answer(request, _tokens, lambda answers: {"results": answers})


def _answer(
    request: Request, tokens_in: Callable[[Request], list[str]], shape: Callable[[list[Told]], object]
) -> Response:
    """Whoever may not ask hears nothing of what else is wrong with a call."""
    if request.method != "POST":
        return only_post()
    now = timezone.now()
    try:
        claim = _claim(request)
        try:
            texts = tokens_in(request)
        except BadForm:
            _check(claim, [], now)
            raise
        verifier, all_checked = _check(claim, texts, now)
    except BadForm as error:
        return oauth_error(400, "invalid_request", str(error))
    except BadCaller:
        return oauth_error(401, "invalid_client", "Only registered verifiers may ask.", _CHALLENGE)
    usage.note_verifier(verifier.id, now)
    for checked in all_checked:
        follow_up(request.environ, checked, door="introspect", path="/oauth2/introspect", now=now)
    return as_json(200, shape([_told(checked, verifier, now) for checked in all_checked]))


def _one_token(request: Request) -> list[str]:
    token = request.field("token")
    if token is None:
        raise BadForm("token is missing.")
    return [token]


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


def _claim(request: Request) -> Claim:
    """Who asks, by HTTP Basic or by form fields, never by both (RFC 6749 section 2.3). Raises BadCaller or BadForm."""
    credentials = request.basic() if request.authorization is not None else _form_credentials(request)
    claim = verifiers.claim_of(*credentials) if credentials else None
    if claim is None:
        raise BadCaller
    return claim


def _form_credentials(request: Request) -> tuple[str, str] | None:
    if request.content_type == "application/json":
        return None
    client_id, client_secret = request.field("client_id"), request.field("client_secret")
    return None if client_id is None or client_secret is None else (client_id, client_secret)


def _check(claim: Claim, texts: Sequence[str], now: datetime) -> tuple[VerifierRow, list[Checked]]:
    """Look who asks, and at the tokens; at one of them in the same statement. Raises BadCaller."""
    presented = verification.parse(texts[0]) if len(texts) == 1 else None
    if presented is None:
        verifier = verifiers.judge(claim, fetch_one(verifiers.READ, [claim.lookup_id]))
    else:
        reads, parameters = verification.GOVERNED, [claim.lookup_id, presented.lookup_id]
        row, token = fetch_both(verifiers.READ, reads.present, parameters, width=verifiers.COLUMNS)
        verifier = verifiers.judge(claim, row)
        if token is None and verifier is not None:
            token = fetch_one(reads.earlier, [presented.lookup_id])
    if verifier is None:
        raise BadCaller
    if presented is None:
        return verifier, verification.verify_many(texts, now=now)
    return verifier, [verification.judge_governed(presented, token, now=now)]


def _told(checked: Checked, verifier: VerifierRow, now: datetime) -> Told:
    token, owner, person = checked.token, checked.owner, checked.membership
    if token is None or owner is None or person is None:  # it is not live
        return INACTIVE
    told = [scope for scope in token.scopes if not verifier.allowed_scopes or scope in verifier.allowed_scopes]
    if token.scopes and not told:  # good for nothing at this service (RFC 7662 section 2.2); an empty list means all
        return INACTIVE
    made = int(min(token.created_at, now).timestamp())  # a clock that was ahead must not make it one of tomorrow
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
        "roles": person.standing.base_names,
        "capped": is_capped(person, checked.policies),
        "account": person.home[-1],
    }
    if token.is_superseded:
        answer["superseded"] = True
    if token.ends_at is not None:
        answer["exp"] = int(token.ends_at.timestamp())
    return answer
