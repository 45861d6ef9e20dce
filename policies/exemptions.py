"""Exempting a person or a role from the cap for a while, and ending that early: each with its line in the trail.

Whoever calls these has the right to: `policy.edit` over the person, or for a role in the account.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.audit import record
from accounts.locks import lock_people
from accounts.models import Account, Enrollment, Role, User
from accounts.people import counting
from accounts.roles import Permission
from policies.models import Exemption
from policies.models.exemption import LONGEST_EXEMPTION, ExemptionQuerySet
from policies.refusals import Code, Gathered, refuse
from policies.settings import hold
from policies.signals import exemption_ended, total

WARNED_BEFORE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Ended:
    """How many tokens came under the cap again with an exemption's early end; None where a job goes on with it."""

    shortened: int | None


@transaction.atomic
def exempt(
    whom: User | Role, account: Account, *, reason: str, ends_at: datetime, actor: User | None, now: datetime
) -> Exemption:
    """Exempt a person, or in an account and below it all whose role counts there, from now until `ends_at`.

    Raises Refused(reason_missing, exemption_in_past, exemption_too_long, exemption_of_oneself, already_exempted or
    rules_busy). A later end than that of an exemption that holds is a new one beside it.
    """
    _hold(whom)
    made = _exemption(whom, account, reason=reason, approved_by=actor, starts_at=now, ends_at=ends_at)
    with Gathered() as gathered:
        with gathered:
            _require_reason(reason)
        with gathered:
            _require_end(ends_at, now)
        with gathered:
            _require_another(made, now)
    gathered.require()
    if _holding_as_long(made, now=now).exists():
        raise refuse(Code.ALREADY_EXEMPTED, "ends_at")
    made.save(force_insert=True)
    _record("exemption.add", made, actor=actor, now=now, after={**_role(made), "ends_at": ends_at}, reason=reason)
    return made


@transaction.atomic
def end(exemption: Exemption, *, actor: User | None, now: datetime) -> Ended | None:
    """End an exemption before its time; None if it was over already. Raises Refused(rules_busy).

    Tokens that live longer than the cap lets them now are shortened before this returns, or by a job right after the
    commit where they are many.
    """
    whom: Any = exemption.person or exemption.role
    _hold(whom)
    exemption = Exemption.objects.select_for_update(of=("self",)).select_related("account").get(pk=exemption.pk)
    if not exemption.holds(now):
        return None
    exemption.ended_at, exemption.ended_by = now, actor
    exemption.save(update_fields=["ended_at", "ended_by"])
    facts = {"before": {"ends_at": exemption.ends_at}, "after": {**_role(exemption), "ends_at": now}}
    _record("exemption.end", exemption, actor=actor, now=now, **facts)
    answers = exemption_ended.send(sender=Exemption, people=people_of(exemption), actor=actor, now=now)
    return Ended(total(answers))


def people_of(exemption: Exemption) -> QuerySet[User]:
    """All whom an exemption may concern; whether a role of theirs counts is another question."""
    if exemption.person_id is not None:
        return User.objects.filter(pk=exemption.person_id)
    held = Enrollment.objects.filter(role=exemption.role_id, account__path__contains=[exemption.account_id])
    return User.objects.filter(pk__in=held.values("user"))


def to_warn_of(*, now: datetime) -> ExemptionQuerySet:
    """Those that end soon without another to go on with, of which nobody was told yet; short ones from their half."""
    is_soon = Q(ends_at__lte=now + WARNED_BEFORE) & Q(starts_at__lte=now - (F("ends_at") - now))
    same = Q(person=OuterRef("person")) | Q(role=OuterRef("role"), account=OuterRef("account"))
    longer = Exemption.objects.holding(now=now).filter(same, ends_at__gt=OuterRef("ends_at"))
    return Exemption.objects.holding(now=now).filter(is_soon, ~Exists(longer), warned_at=None)


def note_warned(exemption: Exemption, *, now: datetime) -> bool:
    """Note that word of its end went out; False if it had already, or somebody else is at it."""
    return Exemption.objects.filter(pk=exemption.pk, warned_at=None).update(warned_at=now) == 1


def stewards_of(exemption: Exemption, *, now: datetime) -> set[int]:
    """Who approved it, and who edits the policy of its account: those of the nearest account where anybody does."""
    editing = counting(now).filter(role__permissions__contains=[Permission.POLICY_EDIT], user__is_active=True)
    found = {exemption.approved_by_id} if exemption.approved_by_id is not None else set[int]()
    for account_id in reversed(exemption.account.path):
        editors = set(editing.filter(account=account_id).values_list("user", flat=True))
        if editors:
            return editors | found
    return found


def _exemption(whom: User | Role, account: Account, **values: Any) -> Exemption:
    target = {"person": whom} if isinstance(whom, User) else {"role": whom}
    return Exemption(account=account, **target, **values)


def _hold(whom: User | Role) -> None:
    """Let nobody make a token by what is about to change: of one person, or where a role is exempted, of anybody."""
    if isinstance(whom, User):
        lock_people([whom.pk])
    else:
        hold()


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise refuse(Code.REASON_MISSING, "reason")


def _require_end(ends_at: datetime, now: datetime) -> None:
    if ends_at <= now:
        raise refuse(Code.EXEMPTION_IN_PAST, "ends_at")
    if ends_at > now + LONGEST_EXEMPTION:
        raise refuse(Code.EXEMPTION_TOO_LONG, "ends_at", days=LONGEST_EXEMPTION.days)


def _require_another(made: Exemption, now: datetime) -> None:
    """Nobody exempts themselves, also not by a role that they hold."""
    actor = made.approved_by
    if actor is None:
        return
    held = counting(now).filter(user=actor, role=made.role_id, account__path__contains=[made.account_id])
    if actor.pk == made.person_id or (made.role_id is not None and held.exists()):
        raise refuse(Code.EXEMPTION_OF_ONESELF)


def _holding_as_long(made: Exemption, *, now: datetime) -> ExemptionQuerySet:
    same = {"person": made.person} if made.role_id is None else {"role": made.role, "account": made.account}
    return Exemption.objects.holding(now=now).filter(**same, ends_at__gte=made.ends_at)


def _role(exemption: Exemption) -> dict[str, Any]:
    """What the trail says beside the person, where it is none."""
    return {} if exemption.role_id is None else {"role": exemption.role_id}


def _record(action: str, exemption: Exemption, **facts: Any) -> None:
    person, account = exemption.person_id, exemption.account
    record(action, person=person, account=account, subject_id=exemption.pk, **facts)
