"""How tokens begin: for oneself, for somebody else, or as it was approved."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.people import membership
from policies.decision import Decision
from tokens import notifications, requests
from tokens.events import Event
from tokens.lifecycle.changes import Issued, fill, put_secret
from tokens.lifecycle.holding import hold, require_active, require_own, require_room
from tokens.lifecycle.trail import change_line
from tokens.models import AccessToken, State, TokenRequest
from tokens.reasons import NO_REASON, Reason


@transaction.atomic
def issue(
    owner: User,
    *,
    purpose: str | None,
    expires_at: datetime | None,
    scopes: Iterable[str] = (),
    actor: User,
    now: datetime,
    formerly: str = "",
) -> Issued:
    """Make a token. For somebody else it is pending until they activate it, and obeys their cap (R6).

    `formerly` is the name of whoever had its like before and has left.
    """
    owner, decision = hold(owner.pk, now)
    if actor.pk == owner.pk:
        require_own(decision)
    return _make(owner, decision, purpose=purpose, expires_at=expires_at, scopes=scopes, actor=actor, formerly=formerly)


@transaction.atomic
def rehearse(
    owner: User, *, purpose: str | None, expires_at: datetime | None, scopes: Iterable[str], now: datetime
) -> AccessToken:
    """What `issue` would make for oneself at this moment: without a secret, and not saved. Raises Refused as that."""
    owner, decision = hold(owner.pk, now)
    require_own(decision)
    return _draft(owner, decision, purpose=purpose, expires_at=expires_at, scopes=scopes, actor=owner)


@transaction.atomic
def issue_approved(request: TokenRequest, *, actor: User, now: datetime) -> Issued:
    """Make the token that was asked for, as it was approved, under today's rules; once. `actor` must have asked."""
    owner, decision = hold(actor.pk, now)
    decision.require_creation()
    request = requests.take(request, owner=owner, now=now)
    issued = _make(
        owner,
        decision,
        purpose=request.purpose,
        expires_at=request.approved_end,
        scopes=request.scopes,
        actor=actor,
    )
    requests.spend(request, issued.token, now=now)
    return issued


def _make(
    owner: User,
    decision: Decision,
    *,
    purpose: str | None,
    expires_at: datetime | None,
    scopes: Iterable[str],
    actor: User,
    formerly: str = "",
) -> Issued:
    """Make a token of an owner who is locked, under the decision for them; the one place where tokens begin."""
    now = decision.now
    token = _draft(owner, decision, purpose=purpose, expires_at=expires_at, scopes=scopes, actor=actor)
    secret = put_secret(token, now=now)
    token.save(force_insert=True)
    reason = Reason(_("Formerly of %(name)s.") % {"name": formerly}) if formerly else NO_REASON
    of_whom = {"formerly": formerly} if formerly else {}
    change_line(Event.ISSUE, token, {}, actor=actor, now=now, reason=reason).save(force_insert=True)
    notifications.owe(Event.ISSUE, [token], actor=actor, now=now, **of_whom)
    return Issued(token, secret)


def _draft(
    owner: User,
    decision: Decision,
    *,
    purpose: str | None,
    expires_at: datetime | None,
    scopes: Iterable[str],
    actor: User,
) -> AccessToken:
    """A token that the decision allows, without a secret and not saved yet."""
    now, is_own = decision.now, actor.pk == owner.pk
    require_active(owner)
    require_room(owner, decision)
    token = AccessToken(user=owner, creator=None if is_own else actor, created_at=now, updated_at=now)
    standing = membership(actor, now=now).standing
    fill(token, purpose=purpose, expires_at=expires_at, scopes=scopes, actor=standing, decision=decision)
    token.state = State.ACTIVE if is_own else State.PENDING
    return token
