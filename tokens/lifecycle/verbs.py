"""The verbs on one token that exists."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.people import membership
from policies.decision import Decision
from policies.refusals import Code, refuse
from tokens import journal, notifications
from tokens.events import Event
from tokens.lifecycle.batches import revoke_many
from tokens.lifecycle.changes import Change, Issued, apply, put_secret, state_after_regeneration
from tokens.lifecycle.holding import hold, require_active, require_room
from tokens.lifecycle.overlapping import cut, put_aside
from tokens.lifecycle.trail import change_line
from tokens.models import OPEN, AccessToken, ClassItem, State, SupersededSecret
from tokens.reasons import NO_REASON, Reason

_NOTHING = Change()
AT_ONCE = timedelta()


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
    require_active(token.user)
    is_revived = token.state_at(now) == State.EXPIRED
    if is_revived:
        require_room(token.user, decision)
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
    require_active(token.user)
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
    require_active(token.user)
    return _move(Event.RESUME, token, State.ACTIVE, decision, actor=actor, now=now, reason=reason)


def revoke(token: AccessToken, *, actor: User | None, now: datetime, reason: Reason = NO_REASON) -> AccessToken:
    """End a token for good, from the next request on. Revoking it again changes nothing."""
    revoke_many([token.pk], actor=actor, now=now, reason=reason)
    token.refresh_from_db()
    return token


@transaction.atomic
def retag(lookup_id: str, *, checked: tuple[str, bytes], new: tuple[str, bytes]) -> None:
    """Store the tag (key id, tag) under today's primary key, once Argon2id or the tag before vouched for the secret.

    Only over the very tag that was checked, whether the secret is the present one or has been put aside meanwhile. A
    check waits for nobody: where the row is held, as by a roster, the next one stores it.
    """
    for kept in (AccessToken.objects, SupersededSecret.objects):
        found = kept.filter(lookup_id=lookup_id, tag_key=checked[0], tag=checked[1])
        free = found.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
        kept.filter(pk__in=free).update(tag_key=new[0], tag=new[1])


def _locked(token: AccessToken, now: datetime) -> tuple[AccessToken, Decision]:
    _owner, decision = hold(token.user_id, now)
    rows = AccessToken.objects.select_related("user", "creator").select_for_update(of=("self",))
    return rows.get(pk=token.pk), decision


def _require_changeable(token: AccessToken, decision: Decision, actor: User) -> None:
    if token.state == State.REVOKED:
        raise refuse(Code.TOKEN_ENDED)
    if actor.pk == token.user_id:
        decision.require_creation()


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


def _note_expired(token: AccessToken, now: datetime) -> None:
    """Note a token that is over by the clock as that, as the job would: what follows must not ask whether it ran."""
    if token.state != State.EXPIRED:
        before, token.state = token.facts(), State.EXPIRED
        _save(Event.EXPIRE, token, before, actor=None, now=now)


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
