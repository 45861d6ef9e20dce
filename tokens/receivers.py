"""What the tokens do when roles or rules change: come under the new cap in the same transaction (R3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.factors.events import FactorEvent
from accounts.models import User
from accounts.people import homed_in
from accounts.signals import factors_changed, people_switched, roles_changed
from policies.models import PlannedChange
from policies.signals import change_begun, change_planned, change_undone, exemption_ended, rules_changed
from tokens import lifecycle, notifications, tasks
from tokens.applying import apply_in_batches, owners
from tokens.clamping import clamp, owners_to_clamp
from tokens.events import PersonEvent

AT_ONCE = 1000  # more owners are left to a job right after the commit, so that no page waits for them


def connect() -> None:
    roles_changed.connect(clamp_after_roles, dispatch_uid="tokens.clamp_after_roles")
    people_switched.connect(stop_with_owner, dispatch_uid="tokens.stop_with_owner")
    factors_changed.connect(tell_of_factors, dispatch_uid="tokens.tell_of_factors")
    rules_changed.connect(clamp_after_rules, dispatch_uid="tokens.clamp_after_rules")
    exemption_ended.connect(clamp_after_exemption, dispatch_uid="tokens.clamp_after_exemption")
    change_planned.connect(tell_of_change, dispatch_uid="tokens.tell_of_change")
    change_undone.connect(tell_of_change, dispatch_uid="tokens.tell_of_undo")
    change_begun.connect(apply_change, dispatch_uid="tokens.apply_change")


def clamp_after_roles(*, user_ids: set[int], actor: User | None, now: datetime, **_kwargs: Any) -> int:
    """However large the roster: it is one transaction, and its clamps belong to it. Returns how many were shortened."""
    return clamp(User.objects.filter(pk__in=user_ids), actor=actor, now=now)


def stop_with_owner(
    *, user_ids: set[int], is_active: bool, actor: User | None, now: datetime, reason: str, **_kwargs: Any
) -> int:
    """Stop the tokens of people who are switched off, and tell these; whoever comes back finds none at work either.

    Returns how many were stopped.
    """
    if not is_active:
        said = {"by": actor.name if actor else "", "reason": reason}
        notifications.owe_each(PersonEvent.DEACTIVATE, dict.fromkeys(user_ids, said), now=now)
    return lifecycle.stop_all(user_ids, actor=actor, now=now, reason=reason)


def tell_of_factors(
    *, person: User, what: str, actor: User | None, now: datetime, reason: str, facts: Mapping[str, Any], **_kwargs: Any
) -> None:
    """Write to somebody whose sign-in has changed, also where they did it: a thief would have done it as them."""
    by = actor.name if actor and actor.pk != person.pk else ""
    said = {"by": by, "reason": reason, "at": now.isoformat(), **facts}
    notifications.owe_each(FactorEvent(what), {person.pk: said}, now=now)


def clamp_after_rules(*, account_id: int, actor: User | None, now: datetime, **_kwargs: Any) -> int | None:
    """Return how many were shortened; None where a job goes on with it."""
    return _clamp_or_queue(homed_in([account_id], now=now), actor=actor, now=now)


def clamp_after_exemption(*, people: QuerySet[User], actor: User | None, now: datetime, **_kwargs: Any) -> int | None:
    """Return how many were shortened; None where a job goes on with it."""
    return _clamp_or_queue(people, actor=actor, now=now)


def _clamp_or_queue(people: QuerySet[User], *, actor: User | None, now: datetime) -> int | None:
    if not _hold_few(owners_to_clamp(people, now=now)):
        transaction.on_commit(tasks.start_clamp, robust=True)  # the daily job catches what a lost broker loses
        return None
    return clamp(people, actor=actor, now=now)


def tell_of_change(*, planned: PlannedChange, now: datetime, **_kwargs: Any) -> None:
    """Let a job tell owners of it, or that it was undone. Without grace time the word of what happened is enough."""
    if planned.takes_effect_at > now:
        transaction.on_commit(tasks.start_telling, robust=True)  # beat's next run catches what a lost broker loses


def apply_change(*, planned: PlannedChange, now: datetime, **_kwargs: Any) -> int | None:
    """Carry out what began. Returns how many tokens it shortened and revoked; None where a job goes on with it."""
    if not _hold_few(owners(planned, now=now)):
        transaction.on_commit(tasks.start_applying, robust=True)  # beat's next run catches what a lost broker loses
        return None
    return sum(shortened + revoked for shortened, revoked in apply_in_batches(planned.pk, clock=lambda: now))


def _hold_few(owners: QuerySet[User]) -> bool:
    """Lock whom a change reaches, for all batches that follow in this transaction; False where they are too many."""
    ids = list(owners.values_list("pk", flat=True)[: AT_ONCE + 1])
    if len(ids) > AT_ONCE:
        return False
    lifecycle.hold_all(ids)
    return True
