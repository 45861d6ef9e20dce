"""Word to owners of a change of settings that waits, and that it was undone: in batches, each person once of each.

A run that is killed at any point goes on in the next one, since how far it has come is written with the word itself.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from accounts.people import homed_in, memberships
from policies.foreseeing import Foreseen, foresee_change
from policies.models import PlannedChange, Stage
from tokens import notifications
from tokens.events import ChangeEvent
from tokens.models import AccessToken, Notice

BATCH = 500  # people


class _Told(NamedTuple):
    """What the word to an owner says of a token: its end is the one that it will come to."""

    pk: int
    user_id: int
    purpose: str
    expires_at: datetime | None


def waiting(*, now: datetime) -> list[int]:
    """The ids of the changes that can still be told of before they take effect, the soonest first."""
    found = PlannedChange.objects.filter(stage=Stage.WAITING, takes_effect_at__gt=now)
    return list(found.order_by("takes_effect_at", "pk").values_list("pk", flat=True))


def undone() -> list[int]:
    """The ids of the changes that were undone and that somebody may still wait for."""
    found = PlannedChange.objects.filter(stage=Stage.UNDONE, finished_at=None)
    return list(found.order_by("pk").values_list("pk", flat=True))


def tell_in_batches(planned_id: int, *, now: datetime) -> Iterator[int]:
    """Tell of a change that waits, each batch in a transaction of its own where none is open: how many were told."""
    while (told := _tell_next(planned_id, now)) is not None:
        yield told


def untell_in_batches(planned_id: int, *, now: datetime) -> Iterator[int]:
    """Tell those who were told of a change that it was undone, in the same way."""
    while (told := _untell_next(planned_id, now)) is not None:
        yield told


@transaction.atomic
def _tell_next(planned_id: int, now: datetime) -> int | None:
    planned = _locked(planned_id, Stage.WAITING)
    ids = _owners(planned, now) if planned else []
    if planned is None or not ids:
        return None
    told = _told(planned, ids, now)
    notifications.owe_each(ChangeEvent.PLAN, told, now=now)
    planned.told_to = ids[-1]
    planned.save(update_fields=["told_to"])
    return len(told)


def _owners(planned: PlannedChange, now: datetime) -> list[int]:
    """The next of those who will hold a token when it takes effect, by id."""
    holding = AccessToken.objects.filter(user__gt=planned.told_to).in_use(now=planned.takes_effect_at)
    people = homed_in([planned.account_id], now=now).filter(pk__gt=planned.told_to, pk__in=holding.values("user_id"))
    return list(people.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _told(planned: PlannedChange, owner_ids: list[int], now: datetime) -> dict[int, dict[str, Any]]:
    """What is said to each of these people: nothing where they lose neither an end nor the right to create."""
    foreseen = foresee_change(planned, memberships(owner_ids, now=now), now=now)
    hit: dict[int, list[_Told]] = {}
    tokens = AccessToken.objects.filter(user__in=list(foreseen)).in_use(now=now).order_by("pk")
    for pk, owner_id, purpose, expires_at in tokens.values_list("pk", "user_id", "purpose", "expires_at"):
        if coming := foreseen[owner_id].of(pk, expires_at):
            hit.setdefault(owner_id, []).append(_Told(pk, owner_id, purpose, coming.end))
    return {
        owner_id: _facts(each, hit.get(owner_id, []))
        for owner_id, each in foreseen.items()
        if owner_id in hit or each.verdict.loses
    }


def _facts(foreseen: Foreseen, tokens: list[_Told]) -> dict[str, Any]:
    return {
        "change": foreseen.planned.pk,
        "takes_effect_at": foreseen.planned.takes_effect_at.isoformat(),
        "loses": foreseen.verdict.loses,
        "revokes": foreseen.revokes,
        "tokens": notifications.facts_of(tokens),
    }


@transaction.atomic
def _untell_next(planned_id: int, now: datetime) -> int | None:
    """Take back what was not mailed yet, and owe whoever may have read it the word that it does not hold.

    One that was tried may have gone out although nobody could mark it yet.
    """
    planned = _locked(planned_id, Stage.UNDONE)
    if planned is None or planned.finished_at is not None:
        return None
    told = Notice.objects.filter(event=ChangeEvent.PLAN, facts__change=planned.pk, person__gt=planned.untold_to)
    notices = list(told.order_by("person").defer("facts").select_for_update(of=("self",))[:BATCH])
    if not notices:
        planned.finished_at = now
        planned.save(update_fields=["finished_at"])
        return None
    Notice.objects.filter(pk__in=[each.pk for each in notices if each.sent_at is None]).delete()
    facts = {"change": planned.pk, "takes_effect_at": planned.takes_effect_at.isoformat()}
    known = {each.person_id: facts for each in notices if each.sent_at or each.attempts}
    notifications.owe_each(ChangeEvent.UNDO, known, now=now)
    planned.untold_to = notices[-1].person_id
    planned.save(update_fields=["untold_to"])
    return len(known)


def _locked(planned_id: int, stage: Stage) -> PlannedChange | None:
    """A change that has come so far, locked until the transaction ends."""
    changes = PlannedChange.objects.select_for_update(of=("self",)).select_related("account", "made_by")
    return changes.filter(pk=planned_id, stage=stage).first()
