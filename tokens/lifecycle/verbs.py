"""The verbs on one token."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.locks import lock_people
from accounts.models import User
from accounts.people import membership
from policies.decision import Decision
from policies.governing import decision_for
from policies.refusals import Code, refuse
from tokens import journal, notifications, requests
from tokens.events import Event
from tokens.lifecycle.batches import revoke_many
from tokens.lifecycle.changes import Change, Issued, apply, fill, put_secret, state_after_regeneration
from tokens.lifecycle.overlapping import cut, put_aside
from tokens.lifecycle.trail import change_line
from tokens.models import OPEN, AccessToken, ClassItem, State, SupersededSecret, TokenRequest
from tokens.reasons import NO_REASON, Reason

_NOTHING = Change()
AT_ONCE = timedelta()


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
    owner, decision = _hold(owner.pk, now)
    if actor.pk == owner.pk:
        _require_own(decision)
    return _make(owner, decision, purpose=purpose, expires_at=expires_at, scopes=scopes, actor=actor, formerly=formerly)


@transaction.atomic
def rehearse(
    owner: User, *, purpose: str | None, expires_at: datetime | None, scopes: Iterable[str], now: datetime
) -> AccessToken:
    """What `issue` would make for oneself at this moment: without a secret, and not saved. Raises Refused as that."""
    owner, decision = _hold(owner.pk, now)
    _require_own(decision)
    return _draft(owner, decision, purpose=purpose, expires_at=expires_at, scopes=scopes, actor=owner)


@transaction.atomic
def issue_approved(request: TokenRequest, *, actor: User, now: datetime) -> Issued:
    """Make the token that was asked for, as it was approved, under today's rules; once. `actor` must have asked."""
    owner, decision = _hold(actor.pk, now)
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


@transaction.atomic
def update(token: AccessToken, change: Change, *, actor: User, now: datetime) -> AccessToken:
    """Change a token that keeps its secret; it never lives longer by this than a new one could. The owner is told."""
    token, decision = _locked(token, now)
    _require_changeable(token, decision, actor)
    before = token.facts()
    apply(token, change, decision, actor=membership(actor, now=now).standing, regenerated=False)
    _require_nothing_more(token, before, decision, actor)
    _save(Event.UPDATE, token, before, actor=actor, now=now)
    if token.facts() != before:
        notifications.owe(Event.UPDATE, [token], actor=actor, now=now, is_changed=True)
    return token


@transaction.atomic
def regenerate(
    token: AccessToken, change: Change = _NOTHING, *, actor: User, now: datetime, overlap: timedelta = AT_ONCE
) -> Issued:
    """Give a token a new secret; the old one dies at once, or works on for the `overlap` that its owner chooses.

    On someone's behalf the new one waits for them again (R6).
    """
    token, decision = _locked(token, now)
    _require_changeable(token, decision, actor)
    _require_active(token.user)
    is_revived = token.state_at(now) == State.EXPIRED
    if is_revived:
        _require_room(token.user, decision)
        _note_expired(token, now)
    before = token.facts()
    apply(token, change, decision, actor=membership(actor, now=now).standing, regenerated=True)
    _require_nothing_more(token, before, decision, actor, is_revived=is_revived)
    told = put_aside(token, overlap, is_own=actor.pk == token.user_id, now=now)
    token.state = state_after_regeneration(State(token.state), on_behalf=actor.pk != token.user_id)
    secret = put_secret(token, now=now)
    _save(Event.REGENERATE, token, before, actor=actor, now=now, told=told)
    notifications.owe(Event.REGENERATE, [token], actor=actor, now=now)
    return Issued(token, secret)


@transaction.atomic
def end_overlap(token: AccessToken, *, actor: User | None, now: datetime, reason: Reason = NO_REASON) -> AccessToken:
    """Stop the earlier secret of a token, from the next request on. Where none works this changes nothing."""
    token, _decision = _locked(token, now)
    if cut(token, now=now):
        line = change_line(Event.END_OVERLAP, token, token.facts(), actor=actor, now=now, reason=reason)
        line.save(force_insert=True)
        notifications.owe(Event.END_OVERLAP, [token], actor=actor, now=now, **reason.told)
        journal.owe()
    return token


@transaction.atomic
def activate(token: AccessToken, *, actor: User, now: datetime) -> Issued:
    """The owner takes a token that was made for them. `actor` must be the owner.

    One of a class gets its secret now, so that nobody has ever held an earlier one; that of another is not told.
    """
    token, decision = _locked(token, now)
    if token.state_at(now) == State.ACTIVE:
        raise refuse(Code.ALREADY_ACTIVE)
    _require_state(token, State.PENDING, Code.NOT_PENDING, now)
    _require_active(token.user)
    before = token.facts()
    is_picked_up = ClassItem.objects.filter(token=token, picked_up_at=None).update(picked_up_at=now)
    secret = put_secret(token, now=now) if is_picked_up else ""
    token.state, token.expires_at = State.ACTIVE, decision.clamped(token.expires_at)
    token.unused_warned_at = None  # whoever takes it means to use it
    _save(Event.ACTIVATE, token, before, actor=actor, now=now)
    return Issued(token, secret)


@transaction.atomic
def suspend(token: AccessToken, *, actor: User, now: datetime, reason: Reason = NO_REASON) -> AccessToken:
    """Stop a token until it is resumed."""
    token, decision = _locked(token, now)
    _require_state(token, State.ACTIVE, Code.NOT_ACTIVE, now)
    return _move(Event.SUSPEND, token, State.SUSPENDED, decision, actor=actor, now=now, reason=reason)


@transaction.atomic
def resume(token: AccessToken, *, actor: User, now: datetime, reason: Reason = NO_REASON) -> AccessToken:
    """Let a suspended token work again, within its owner's cap of today; not while they are switched off."""
    token, decision = _locked(token, now)
    _require_state(token, State.SUSPENDED, Code.NOT_SUSPENDED, now)
    _require_active(token.user)
    return _move(Event.RESUME, token, State.ACTIVE, decision, actor=actor, now=now, reason=reason)


def revoke(token: AccessToken, *, actor: User | None, now: datetime, reason: Reason = NO_REASON) -> AccessToken:
    """End a token for good, from the next request on. Revoking it again changes nothing."""
    revoke_many([token.pk], actor=actor, now=now, reason=reason)
    token.refresh_from_db()
    return token


def retag(lookup_id: str, *, checked: tuple[str, bytes], new: tuple[str, bytes]) -> None:
    """Store the tag (key id, tag) under today's primary key, once Argon2id or the tag before vouched for the secret.

    Only over the very tag that was checked, whether the secret is the present one or has been put aside meanwhile.
    """
    for kept in (AccessToken.objects, SupersededSecret.objects):
        kept.filter(lookup_id=lookup_id, tag_key=checked[0], tag=checked[1]).update(tag_key=new[0], tag=new[1])


def _hold(owner_id: int, now: datetime) -> tuple[User, Decision]:
    """Keep the rules and the owner's roles still, and decide by them."""
    [owner] = lock_people([owner_id])
    return owner, decision_for(owner, now=now)


def _locked(token: AccessToken, now: datetime) -> tuple[AccessToken, Decision]:
    _owner, decision = _hold(token.user_id, now)
    rows = AccessToken.objects.select_related("user", "creator").select_for_update(of=("self",))
    return rows.get(pk=token.pk), decision


def _require_changeable(token: AccessToken, decision: Decision, actor: User) -> None:
    if token.state == State.REVOKED:
        raise refuse(Code.TOKEN_ENDED)
    if actor.pk == token.user_id:
        decision.require_creation()


def _require_own(decision: Decision) -> None:
    """Check that this person may make tokens by themselves. Raises Refused."""
    decision.require_creation()
    if decision.needs_approval:
        raise refuse(Code.APPROVAL_NEEDED)


def _require_nothing_more(
    token: AccessToken, before: dict[str, Any], decision: Decision, actor: User, *, is_revived: bool = False
) -> None:
    """Whoever needs approval changes their token to less, not to more: raise Refused(approval_needed)."""
    if actor.pk != token.user_id or not decision.needs_approval:
        return
    if is_revived or _is_later(token.expires_at, before["expires_at"]):
        raise refuse(Code.APPROVAL_NEEDED, "expires_at")
    if before["scopes"] and not (token.scopes and set(token.scopes) <= set(before["scopes"])):
        raise refuse(Code.APPROVAL_NEEDED, "scopes")


def _is_later(end: datetime | None, other: datetime | None) -> bool:
    return other is not None and (end is None or end > other)


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
    _require_active(owner)
    _require_room(owner, decision)
    token = AccessToken(user=owner, creator=None if is_own else actor, created_at=now, updated_at=now)
    standing = membership(actor, now=now).standing
    fill(token, purpose=purpose, expires_at=expires_at, scopes=scopes, actor=standing, decision=decision)
    token.state = State.ACTIVE if is_own else State.PENDING
    return token


def _note_expired(token: AccessToken, now: datetime) -> None:
    """Note a token that is over by the clock as that, as the job would: what follows must not ask whether it ran."""
    if token.state != State.EXPIRED:
        before, token.state = token.facts(), State.EXPIRED
        _save(Event.EXPIRE, token, before, actor=None, now=now)


def _require_active(owner: User) -> None:
    """Nothing works for whoever is switched off, and nothing waits for the day when they are not."""
    if not owner.is_active:
        raise refuse(Code.INACTIVE_OWNER)


def _require_room(owner: User, decision: Decision) -> None:
    """Count only where a limit is set; whoever holds the lock on the owner counts right."""
    if decision.tokens_at_once is not None:
        decision.require_room(AccessToken.objects.filter(user=owner).in_use(now=decision.now).count())


def _require_state(token: AccessToken, state: State, otherwise: Code, now: datetime) -> None:
    if token.state_at(now) not in OPEN:
        raise refuse(Code.TOKEN_ENDED)
    if token.state != state:
        raise refuse(otherwise)


def _move(
    event: Event,
    token: AccessToken,
    state: State,
    decision: Decision,
    *,
    actor: User,
    now: datetime,
    reason: Reason = NO_REASON,
) -> AccessToken:
    """Take a token to another state, and under its owner's cap of today on the way."""
    before = token.facts()
    token.state = state
    token.expires_at = decision.clamped(token.expires_at)
    _save(event, token, before, actor=actor, now=now, reason=reason)
    notifications.owe(event, [token], actor=actor, now=now, **reason.told)
    return token


def _save(
    event: Event,
    token: AccessToken,
    before: dict[str, Any],
    *,
    actor: User | None,
    now: datetime,
    reason: Reason = NO_REASON,
    told: dict[str, Any] | None = None,
) -> AccessToken:
    """Save a changed token with its line in the trail, which says what is `told` besides."""
    token.updated_at = now
    token.save(force_update=True)
    change_line(event, token, before, actor=actor, now=now, reason=reason, told=told).save(force_insert=True)
    journal.owe()
    return token
