"""What the API says when it says no, as values: status, code, sentence, headers.

Here stands only what nobody but the API says; the words of every other refusal are in `policies.wording`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from accounts.origins import origin
from policies.refusals import Code
from tokens.verification import Outcome

CHALLENGE = 'Bearer realm="tokenportal"'
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer that says no. `word` is Canvas' `status`, where it has one."""

    status: int
    errors: tuple[dict[str, Any], ...]
    word: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, object] = field(default_factory=dict)  # beside the errors

    @property
    def body(self) -> dict[str, Any]:
        """The shape that every refusal of the API has."""
        body: dict[str, Any] = {"status": self.word} if self.word else {}
        body |= {"errors": list(self.errors), **self.more}
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            body["error_report_id"] = origin.get().request_id
        return body


def problem(status: int, code: str, message: str, *, word: str = "", **headers: str) -> Problem:
    """Build a problem with one error; `Retry_After` becomes the header `Retry-After`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Problem(status, ({"message": message, "code": code},), word, named)


_INVALID_REQUEST = f'{CHALLENGE}, error="invalid_request"'
UNAUTHENTICATED = problem(
    401, "unauthenticated", "user authorization required", word="unauthenticated", WWW_Authenticate=CHALLENGE
)
FORBIDDEN = problem(403, "forbidden", "user not authorized to perform that action", word="unauthorized")
CSRF_FAILED = problem(403, "csrf_failed", "A browser session changes things only with its CSRF token, in X-CSRFToken.")
RECENT_SIGN_IN_REQUIRED = problem(
    403, "recent_sign_in_required", "You signed in too long ago for this. Show on a page of the portal that it is you."
)
SECOND_STEP_REQUIRED = problem(
    403, "second_step_required", "The school asks for a second step when you sign in. Set one up on the page Security."
)
NOT_FOUND = problem(404, "not_found", "The specified resource does not exist.")
BAD_REQUEST = problem(400, "bad_request", "This request cannot be understood.")
TOO_LARGE = problem(413, "body_too_large", "The body is over 64 KiB.")
BROKEN = problem(500, "internal_server_error", "An error occurred.")
UNAVAILABLE = problem(
    503, "unavailable", "The portal cannot answer right now. Try again in a moment.", Retry_After=str(RETRY_SECONDS)
)
QUARANTINED = problem(
    503,
    "quarantined",
    "The portal was restored, and may not answer before its journal is replayed.",
    Retry_After=str(2 * RETRY_SECONDS),
)
TOKEN_IN_URL = problem(
    400,
    "token_in_url",
    "Never send a token in an address, where logs keep it. Send it as a header: Authorization: Bearer …",
    WWW_Authenticate=_INVALID_REQUEST,
)
TWO_CREDENTIALS = problem(
    400, "invalid_request", "Send one Authorization header only.", WWW_Authenticate=_INVALID_REQUEST
)
TLS_REQUIRED = problem(
    403, "https_required", "Call over https. A token that came this way could be read by others: revoke it."
)
BAD_TOKENS = {
    Outcome.INVALID: ("invalid_token", "Invalid access token."),
    Outcome.PENDING: ("pending_token", "Invalid access token."),
    Outcome.SUSPENDED: ("suspended_token", "Invalid access token."),
    Outcome.PAUSED: ("paused_token", "Invalid access token."),
    Outcome.SUPERSEDED: ("superseded_token", "Invalid access token."),
    Outcome.REVOKED: ("revoked_token", "Revoked access token."),
    Outcome.EXPIRED: ("expired_token", "Expired access token."),
}
# Every code of the contract, for the OpenAPI document.
_PROBLEMS = (
    *(UNAUTHENTICATED, FORBIDDEN, CSRF_FAILED, NOT_FOUND, BAD_REQUEST, TOO_LARGE, BROKEN, UNAVAILABLE),
    *(TOKEN_IN_URL, TWO_CREDENTIALS, TLS_REQUIRED, QUARANTINED),
    RECENT_SIGN_IN_REQUIRED,
    SECOND_STEP_REQUIRED,
)
CODES = sorted(
    {code.value for code in Code}
    | {code for code, _message in BAD_TOKENS.values()}
    | {str(known.errors[0]["code"]) for known in _PROBLEMS}
    | {"insufficient_scope", "method_not_allowed", "page_invalid", "rate_limited", "unsupported_media_type"}
)
