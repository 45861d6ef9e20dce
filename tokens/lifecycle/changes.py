"""What a change of a token asks for, and what it comes to under the decision. Writes into the object, saves nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from accounts.roles import Standing
from policies.decision import Decision
from policies.refusals import Code, Gathered, refuse
from tokens import secrets
from tokens.models import NO_SECRET, AccessToken, State
from tokens.scopes import clean_scopes
from tokens.texts import clean_purpose


class Unchanged(Enum):
    """Stands for a value that was not given, where None means something."""

    UNCHANGED = "unchanged"


class Renewed(Enum):
    """Stands for the end that lets a token live as long again as its secret was to live."""

    RENEWED = "renewed"


UNCHANGED = Unchanged.UNCHANGED
RENEWED = Renewed.RENEWED


@dataclass(frozen=True, slots=True)
class Change:
    """What an update or a regeneration should change; the rest stays."""

    purpose: str | Unchanged | None = UNCHANGED
    expires_at: datetime | Unchanged | Renewed | None = UNCHANGED
    scopes: Iterable[str] | Unchanged = UNCHANGED


@dataclass(frozen=True, slots=True)
class Issued:
    """A token with its secret, which exists nowhere else: show it once and let it go."""

    token: AccessToken
    secret: str = field(repr=False)


def fill(
    token: AccessToken,
    *,
    purpose: str | None,
    expires_at: datetime | None,
    scopes: Iterable[str],
    actor: Standing,
    decision: Decision,
) -> None:
    """Write the values of a new token into it, or raise every refusal at once."""
    with Gathered() as gathered:
        with gathered:
            token.purpose = clean_purpose(purpose)
        with gathered:
            decision.require_expiry(expires_at)
            token.expires_at = expires_at
        with gathered:
            token.scopes = clean_scopes(scopes, actor, decision)
    gathered.require()


def apply(token: AccessToken, change: Change, decision: Decision, *, actor: Standing, regenerated: bool) -> None:
    """Write the wanted values into `token`, or raise every refusal at once."""
    with Gathered() as gathered:
        with gathered:
            if change.purpose is not UNCHANGED:
                token.purpose = clean_purpose(change.purpose)
        with gathered:
            token.expires_at = _new_end(token, change.expires_at, decision, regenerated=regenerated)
        with gathered:
            if change.scopes is not UNCHANGED:
                token.scopes = clean_scopes(change.scopes, actor, decision)
            elif regenerated:
                decision.require_scopes(token.scopes)
    gathered.require()


def _new_end(
    token: AccessToken, wanted: datetime | Unchanged | Renewed | None, decision: Decision, *, regenerated: bool
) -> datetime | None:
    """The end that an update or a regeneration leaves; one that was not named is kept, under today's cap."""
    if wanted is RENEWED:
        return decision.clamped(_renewed_end(token, decision))
    if token.state_at(decision.now) == State.EXPIRED:
        _require_revival(wanted, regenerated=regenerated)
    if wanted is UNCHANGED:
        return decision.clamped(token.expires_at)
    if regenerated:
        decision.require_expiry(wanted)
    else:
        decision.require_extension(wanted, present=token.expires_at, secret_made_at=token.secret_made_at)
    return wanted


def _renewed_end(token: AccessToken, decision: Decision) -> datetime | None:
    """As long from now as the present secret was to live from its first moment; no later where that needs approval."""
    if token.expires_at is None or decision.needs_approval:
        return token.expires_at
    return decision.now + (token.expires_at - token.secret_made_at)


def _require_revival(wanted: datetime | Unchanged | None, *, regenerated: bool) -> None:
    """An expired token lives again only by a new secret with a new end, both in one call."""
    if regenerated and (wanted is UNCHANGED or wanted is None):
        raise refuse(Code.EXPIRED_NEEDS_EXPIRY, "expires_at")
    if not regenerated and wanted is not UNCHANGED:
        raise refuse(Code.EXPIRED_NEEDS_EXPIRY, "expires_at")


def put_secret(token: AccessToken, *, now: datetime) -> str:
    """Give the token a new secret and return it."""
    presented = secrets.generate()
    kept = secrets.keep(presented)
    token.lookup_id, token.tag, token.tag_key, token.verifier = kept.lookup_id, kept.tag, kept.tag_key, kept.verifier
    token.secret_made_at = now
    return presented.text


def put_no_secret(token: AccessToken, *, now: datetime) -> None:
    """Let the token wait for its secret: it is found and listed, and nothing that anybody presents fits it."""
    token.lookup_id, token.tag_key, token.tag = secrets.unknown()
    token.verifier, token.secret_made_at = NO_SECRET, now


def state_after_regeneration(state: State, *, on_behalf: bool) -> State:
    """A new secret that somebody else asked for waits for the owner; what waits or is suspended stays so.

    A suspended token gets none from somebody else: once resumed it would work without its owner (R6). Raises
    Refused(resume_first).
    """
    if on_behalf and state == State.SUSPENDED:
        raise refuse(Code.RESUME_FIRST)
    if state in (State.ACTIVE, State.EXPIRED):
        return State.PENDING if on_behalf else State.ACTIVE
    return state
