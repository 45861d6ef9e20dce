"""Which status, body and headers a refusal or a failure has: the one place that maps them, for API and pages."""

import logging
from functools import singledispatch
from math import ceil
from typing import Any

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core import exceptions as django
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions as drf

from accounts.api.recent import RecentSignInRequired
from accounts.moments import iso
from policies.refusals import Code, Refusal, Refused
from policies.wording import sentence
from tokenportal.problems import (
    BAD_REQUEST,
    BAD_TOKENS,
    BROKEN,
    CHALLENGE,
    CSRF_FAILED,
    FORBIDDEN,
    NOT_FOUND,
    QUARANTINED,
    RECENT_SIGN_IN_REQUIRED,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNAVAILABLE,
    Problem,
    problem,
)
from tokens.authentication import BadToken, CsrfFailed, InsufficientScope
from tokens.journal import Quarantined
from tokens.matching import Overloaded

logger = logging.getLogger(__name__)

# 400 unless it stands here.
_STATUS_OF = {
    Code.CREATION_NOT_ALLOWED: 403,
    Code.APPROVAL_NEEDED: 403,
    Code.APPROVAL_OF_ONESELF: 403,
    Code.CAP_NEEDS_POLICY: 403,
    Code.SESSION_REQUIRED: 403,
    Code.IDEMPOTENCY_BUSY: 409,
    Code.PREVIEW_NEEDED: 409,
    Code.PREVIEW_OUTDATED: 409,
    Code.COUNT_NOT_TYPED: 409,
    Code.ALREADY_PAUSED: 409,
    Code.CLASS_TOO_LATE: 409,
    Code.REVIEW_GOING: 409,
    Code.REVIEW_NOT_OPEN: 409,
    Code.REVIEW_ANSWERED: 409,
    Code.REMINDED_TODAY: 409,
    Code.PAUSE_LIFTED: 409,
    Code.CHANGE_WAITING: 409,
    Code.CHANGE_APPLYING: 409,
    Code.CHANGE_NOT_WAITING: 409,
    Code.OVERLAP_GOING: 409,
    Code.WEBHOOK_TAKEN: 409,
    Code.WEBHOOK_OFF: 409,
    Code.SECRET_SUPERSEDED: 409,
    Code.IDEMPOTENCY_MISMATCH: 422,
    Code.RULES_BUSY: 503,
}


class Rejected(Exception):
    """A request that is turned away before anybody looks at what it wants."""

    def __init__(self, because: Problem) -> None:
        super().__init__(because.errors[0]["code"])
        self.because = because


@singledispatch
def problem_of(error: BaseException | None) -> Problem:
    """The answer to an exception; one of ours or the framework's by its kind, any other is our own fault."""
    del error
    return BROKEN


@problem_of.register
def _(error: Rejected) -> Problem:
    return error.because


@problem_of.register
def _(error: Refused) -> Problem:
    retry = {"Retry-After": "1"} if error.code in (Code.IDEMPOTENCY_BUSY, Code.RULES_BUSY) else {}
    return Problem(_STATUS_OF.get(error.code, 400), tuple(map(_said, error.refusals)), headers=retry, more=error.more)


def _said(refusal: Refusal) -> dict[str, Any]:
    said = {"message": sentence(refusal), "code": refusal.code.value}
    return {**said, "field": refusal.field} if refusal.field else said


@problem_of.register
def _(error: BadToken) -> Problem:
    code, message = BAD_TOKENS[error.outcome]
    challenge = f'{CHALLENGE}, error="invalid_token", error_description="{message}"'
    said = {"message": message, "code": code}
    if error.expired_at is not None:
        said["expired_at"] = iso(error.expired_at)
    return Problem(401, (said,), headers={"WWW-Authenticate": challenge})


@problem_of.register
def _(error: InsufficientScope) -> Problem:
    challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{error.scope}"'
    return problem(403, "insufficient_scope", "Insufficient scopes on access token.", WWW_Authenticate=challenge)


@problem_of.register
def _(error: drf.NotAuthenticated | drf.AuthenticationFailed) -> Problem:
    del error
    return UNAUTHENTICATED


@problem_of.register
def _(error: drf.PermissionDenied | django.PermissionDenied) -> Problem:
    return CSRF_FAILED if isinstance(error, CsrfFailed) else FORBIDDEN


@problem_of.register
def _(error: RecentSignInRequired) -> Problem:
    del error
    return RECENT_SIGN_IN_REQUIRED


@problem_of.register
def _(error: drf.NotFound | Http404) -> Problem:
    del error
    return NOT_FOUND


@problem_of.register
def _(error: django.RequestDataTooBig) -> Problem:
    del error
    return TOO_LARGE


@problem_of.register
def _(error: django.SuspiciousOperation | django.BadRequest | UnreadablePostError | MultiPartParserError) -> Problem:
    del error
    return BAD_REQUEST


@problem_of.register
def _(error: drf.ValidationError) -> Problem:
    detail: Any = error.get_full_details()
    said = [{"message": why["message"], "code": why["code"], "field": name} for name, [why, *_] in detail.items()]
    return Problem(400, tuple(said))


@problem_of.register
def _(error: drf.Throttled) -> Problem:
    return problem(429, "rate_limited", "Too many calls. Wait a moment.", Retry_After=_seconds(error))


def _seconds(error: drf.Throttled) -> str:
    wait: float | None = getattr(error, "wait", None)
    return str(ceil(wait or 1))


@problem_of.register
def _(error: drf.APIException) -> Problem:
    return problem(error.status_code, str(error.get_codes()), str(error.detail))


@problem_of.register
def _(error: OperationalError | InterfaceError | Overloaded) -> Problem:
    del error
    return UNAVAILABLE


@problem_of.register
def _(error: Quarantined) -> Problem:
    del error
    return QUARANTINED


@problem_of.register
def _(error: SessionInterrupted) -> Problem:
    """A session that ended meanwhile; or, as Django says the same then, one that it could not save in the database."""
    return UNAVAILABLE if _was_away(error) else BAD_REQUEST


def _was_away(error: BaseException | None) -> bool:
    """Whether it came of a database that was away, by whatever way."""
    while error is not None and not isinstance(error, OperationalError | InterfaceError):
        error = error.__context__
    return error is not None
