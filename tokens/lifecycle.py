"""What can happen to a token. The only writer of tokens.

Every verb is one transaction: lock, decide, change, record, owe the owner a word. Locks are taken in one order, rules
before the owner before the token, so that a cap, a lost role or a revocation never slips between the check and the
write. Who may call a verb on whom is the doors' question (`tokens.permissions`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from django.db import transaction

from accounts import people
from accounts.audit import AuditEvent, line, record, record_many
from accounts.models import User
from policies.decision import Decision
from policies.governing import governed, governed_many, hold_rules
from policies.refusals import Code, Gathered, refuse
from tokens import notifications, secrets
from tokens.events import Event
from tokens.models import OPEN, AccessToken, State
from tokens.scopes import clean_scopes
from tokens.texts import clean_purpose, clean_reason


class Unchanged(Enum):
    """Stands for an argument that was not given, where None means something."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class Change:
    """What an update or a regeneration should change; the rest stays."""

    purpose: str | None | Unchanged = UNCHANGED
    expires_at: datetime | None | Unchanged = UNCHANGED
    scopes: Iterable[str] | Unchanged = UNCHANGED


NOTHING = Change()


@dataclass(frozen=True, slots=True)
class Issued:
    """A token with its secret, which exists nowhere else: show it once and let it go."""

    token: AccessToken
    secret: str = field(repr=False)


@transaction.atomic
def issue(
    owner: User,
    *,
    purpose: str | None,
    expires_at: datetime | None,
    scopes: Iterable[str] = (),
    actor: User,
    now: datetime,
) -> Issued:
    """Make a token. For somebody else it is pending until they activate it, and obeys their cap (R6)."""
    owner, decision = _hold(owner, now)
    if actor.pk == owner.pk:
        decision.require_creation()
    elif not owner.is_active:
        raise refuse(Code.INACTIVE_OWNER)
    with Gathered() as gathered:
        with gathered:
            purpose = clean_purpose(purpose)
        with gathered:
            decision.require_expiry(expires_at)
        with gathered:
            scopes = clean_scopes(scopes, governed(actor, now=now).membership.standing)
    gathered.require()
    presented = secrets.generate()
    token = AccessToken(
        user=owner,
        creator=None if actor.pk == owner.pk else actor,
        purpose=purpose or "",
        scopes=list(scopes),
        state=State.ACTIVE if actor.pk == owner.pk else State.PENDING,
        created_at=now,
        updated_at=now,
        expires_at=expires_at,
    )
    _keep(token, presented, now)
    token.save(force_insert=True)
    record(Event.ISSUE, actor=actor, now=now, person=owner, subject_id=token.pk, after=token.facts())
    notifications.owe(Event.ISSUE, [token], actor=actor, now=now)
    return Issued(token, presented.text)


@transaction.atomic
def update(token: AccessToken, change: Change, *, actor: User, now: datetime) -> AccessToken:
    """Change a token without a new secret; it never lives longer by this than a new one could, and never again."""
    token, decision = _locked(token, now)
    _require_open_policy(token, decision, actor, now)
    before = token.facts()
    _apply(token, decision, change, actor=actor, now=now, regenerated=False)
    return _finish(token, Event.UPDATE, before, actor=actor, now=now)


@transaction.atomic
def regenerate(token: AccessToken, change: Change = NOTHING, *, actor: User, now: datetime) -> Issued:
    """Give a token a new secret; the old one is dead at once. On someone's behalf it waits for them again (R6)."""
    token, decision = _locked(token, now)
    _require_open_policy(token, decision, actor, now)
    before = token.facts()
    if token.state_at(now) == State.EXPIRED and change.expires_at in (UNCHANGED, None):
        raise refuse(Code.EXPIRED_NEEDS_EXPIRY, "expires_at")
    _apply(token, decision, change, actor=actor, now=now, regenerated=True)
    token.state = _state_after_regeneration(State(token.state), on_behalf=actor.pk != token.user_id)
    presented = secrets.generate()
    _keep(token, presented, now)
    _finish(token, Event.REGENERATE, before, actor=actor, now=now)
    notifications.owe(Event.REGENERATE, [token], actor=actor, now=now)
    return Issued(token, presented.text)


def _state_after_regeneration(state: State, *, on_behalf: bool) -> State:
    if state in (State.ACTIVE, State.EXPIRED):
        return State.PENDING if on_behalf else State.ACTIVE
    return state  # what waits goes on waiting, and a new secret does not lift a suspension


@transaction.atomic
def activate(token: AccessToken, *, actor: User, now: datetime) -> AccessToken:
    """The owner takes a token that was made for them. `actor` must be the owner."""
    token, decision = _locked(token, now)
    if token.state_at(now) == State.ACTIVE:
        raise refuse(Code.ALREADY_ACTIVE)
    _require_not_ended(token, now)
    if token.state != State.PENDING:
        raise refuse(Code.NOT_PENDING)
    before = token.facts()
    token.expires_at = decision.clamped(token.expires_at)
    return _move(token, State.ACTIVE, Event.ACTIVATE, before, actor=actor, now=now)


@transaction.atomic
def suspend(token: AccessToken, *, actor: User, now: datetime, reason: str | None = "") -> AccessToken:
    """Stop a token until it is resumed."""
    token, _decision = _locked(token, now)
    _require_not_ended(token, now)
    if token.state != State.ACTIVE:
        raise refuse(Code.NOT_ACTIVE)
    return _move(token, State.SUSPENDED, Event.SUSPEND, token.facts(), actor=actor, now=now, reason=clean_reason(reason))


@transaction.atomic
def resume(token: AccessToken, *, actor: User, now: datetime, reason: str | None = "") -> AccessToken:
    """Let a suspended token work again, within its owner's cap of today."""
    token, decision = _locked(token, now)
    _require_not_ended(token, now)
    if token.state != State.SUSPENDED:
        raise refuse(Code.NOT_SUSPENDED)
    before = token.facts()
    token.expires_at = decision.clamped(token.expires_at)
    return _move(token, State.ACTIVE, Event.RESUME, before, actor=actor, now=now, reason=clean_reason(reason))


def revoke(token: AccessToken, *, actor: User | None, now: datetime, reason: str | None = "") -> AccessToken:
    """End a token for good, from the next request on. Revoking it again changes nothing."""
    revoke_many([token.pk], actor=actor, now=now, reason=reason)
    token.refresh_from_db()
    return token


@transaction.atomic
def revoke_many(token_ids: Iterable[int], *, actor: User | None, now: datetime, reason: str | None = "") -> int:
    """End many tokens for good; return how many were not revoked before."""
    reason = clean_reason(reason)
    rows = AccessToken.objects.filter(pk__in=list(token_ids)).exclude(state=State.REVOKED).order_by("pk")
    tokens = list(rows.select_for_update(of=("self",)))
    lines = []
    for token in tokens:
        before = token.facts()
        token.state, token.revoked_at, token.revoked_by, token.revoked_reason = State.REVOKED, now, actor, reason
        token.updated_at = now
        lines.append(_line(token, Event.REVOKE, before, actor=actor, now=now, reason=reason))
    AccessToken.objects.bulk_update(
        tokens, ["state", "revoked_at", "revoked_by", "revoked_reason", "updated_at"], batch_size=1000
    )
    record_many(lines)
    notifications.owe(Event.REVOKE, tokens, actor=actor, now=now, reason=reason)
    return len(tokens)


@transaction.atomic
def revoke_all(owner: User, *, actor: User | None, now: datetime, reason: str | None = "") -> int:
    """End every token of a person that is not revoked yet and has not run out; return how many."""
    people.lock([owner.pk])  # a token being made right now is revoked too, or made after
    ids = AccessToken.objects.filter(user=owner).in_use(now=now).values_list("pk", flat=True)
    return revoke_many(list(ids), actor=actor, now=now, reason=reason)


@transaction.atomic
def clamp_many(owner_ids: Iterable[int], *, actor: User | None, now: datetime) -> int:
    """Bring the tokens of these people under the cap they are under today (R3); return how many were shortened."""
    hold_rules()
    owners = [owner.pk for owner in people.lock(list(owner_ids))]
    decisions = governed_many(owners, now=now)
    capped = [pk for pk in owners if decisions[pk].decision.capped]
    rows = AccessToken.objects.longer_than(now=now, days=1).filter(user__in=capped).order_by("pk").select_for_update(of=("self",))
    shortened, lines = [], []
    for token in rows:
        before, end = token.facts(), decisions[token.user_id].decision.clamped(token.expires_at)
        if end != token.expires_at:
            token.expires_at, token.updated_at = end, now
            shortened.append(token)
            lines.append(_line(token, Event.CLAMP, before, actor=actor, now=now))
    AccessToken.objects.bulk_update(shortened, ["expires_at", "updated_at"], batch_size=1000)
    record_many(lines)
    notifications.owe(Event.CLAMP, shortened, actor=None, now=now)
    return len(shortened)


@transaction.atomic
def expire_many(*, now: datetime, most: int) -> int:
    """Note up to `most` tokens whose end has passed as expired; return how many.

    They have been refused since that moment (R8). Rows that somebody is changing are left to the next run.
    """
    overdue = AccessToken.objects.overdue(now=now).order_by("expires_at")[:most]
    tokens = list(overdue.select_for_update(skip_locked=True, of=("self",)))
    lines = []
    for token in tokens:
        before, token.state, token.updated_at = token.facts(), State.EXPIRED, now
        lines.append(_line(token, Event.EXPIRE, before, actor=None, now=now))
    AccessToken.objects.bulk_update(tokens, ["state", "updated_at"], batch_size=1000)
    record_many(lines)
    return len(tokens)


def retag(token_id: int, *, checked: tuple[str, bytes], new: tuple[str, bytes]) -> None:
    """Store the tag (key id, tag) under today's primary key, once Argon2id has vouched for the secret.

    Only over the very tag that was checked: a token regenerated meanwhile keeps its new one.
    """
    AccessToken.objects.filter(pk=token_id, tag_key=checked[0], tag=checked[1]).update(tag_key=new[0], tag=new[1])


def _hold(owner: User, now: datetime) -> tuple[User, Decision]:
    """Keep the rules and the owner's roles still, and decide by them."""
    hold_rules()
    [owner] = people.lock([owner.pk])
    return owner, governed(owner, now=now).decision


def _locked(token: AccessToken, now: datetime) -> tuple[AccessToken, Decision]:
    _owner, decision = _hold(token.user, now)
    rows = AccessToken.objects.select_related("user", "creator").select_for_update(of=("self",))
    return rows.get(pk=token.pk), decision


def _require_open_policy(token: AccessToken, decision: Decision, actor: User, now: datetime) -> None:
    if token.state == State.REVOKED:
        raise refuse(Code.TOKEN_ENDED)
    if actor.pk == token.user_id:
        decision.require_creation()


def _require_not_ended(token: AccessToken, now: datetime) -> None:
    if token.state_at(now) not in OPEN:
        raise refuse(Code.TOKEN_ENDED)


def _apply(
    token: AccessToken,
    decision: Decision,
    change: Change,
    *,
    actor: User,
    now: datetime,
    regenerated: bool,
) -> None:
    """Write the wanted values into `token`, or raise every refusal at once."""
    with Gathered() as gathered:
        with gathered:
            if change.purpose is not UNCHANGED:
                token.purpose = clean_purpose(change.purpose)
        with gathered:
            token.expires_at = _new_end(token, decision, change.expires_at, now, regenerated=regenerated)
        with gathered:
            if change.scopes is not UNCHANGED:
                token.scopes = clean_scopes(change.scopes, governed(actor, now=now).membership.standing)
    gathered.require()


def _new_end(
    token: AccessToken, decision: Decision, wanted: datetime | None | Unchanged, now: datetime, *, regenerated: bool
) -> datetime | None:
    """The end that an update or a regeneration leaves; one that was not named is kept, under today's cap."""
    if token.state_at(now) == State.EXPIRED and wanted is not UNCHANGED and not regenerated:
        raise refuse(Code.EXPIRED_NEEDS_EXPIRY, "expires_at")
    if wanted is UNCHANGED:
        return decision.clamped(token.expires_at)
    if regenerated:
        decision.require_expiry(wanted)
    else:
        decision.require_extension(wanted, present=token.expires_at, secret_made_at=token.secret_made_at)
    return wanted


def _keep(token: AccessToken, presented: secrets.Presented, now: datetime) -> None:
    kept = secrets.keep(presented)
    token.lookup_id, token.tag, token.tag_key, token.verifier = kept.lookup_id, kept.tag, kept.tag_key, kept.verifier
    token.secret_made_at = now


def _move(
    token: AccessToken,
    state: State,
    event: Event,
    before: dict[str, object],
    *,
    actor: User,
    now: datetime,
    reason: str = "",
) -> AccessToken:
    token.state = state
    _finish(token, event, before, actor=actor, now=now, reason=reason)
    notifications.owe(event, [token], actor=actor, now=now, reason=reason)
    return token


def _finish(
    token: AccessToken, event: Event, before: dict[str, object], *, actor: User, now: datetime, reason: str = ""
) -> AccessToken:
    """Save a changed token with its line in the trail."""
    token.updated_at = now
    token.save(force_update=True)
    _line(token, event, before, actor=actor, now=now, reason=reason).save(force_insert=True)
    return token


def _line(
    token: AccessToken, event: Event, before: dict[str, object], *, actor: User | None, now: datetime, reason: str = ""
) -> AuditEvent:
    """The audit line of one change: only what differs."""
    after = token.facts()
    changed = {name for name, value in after.items() if before[name] != value}
    return line(
        event,
        actor=actor,
        now=now,
        person=token.user_id,
        subject_id=token.pk,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        reason=reason,
    )
