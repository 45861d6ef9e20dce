"""Carrying out changes of the rules, batch by batch: a run that is killed at any point goes on in the next one."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.people import homed_in
from policies.applying import begun, finish, locked_if_begun
from policies.ending import Existing
from policies.models import PlannedChange
from tokens import lifecycle
from tokens.models import AccessToken

logger = logging.getLogger(__name__)
BATCH = 500  # owners


def owners(planned: PlannedChange, *, now: datetime) -> QuerySet[User]:
    """Those whom the change has yet to reach, by id; what it does to them, `lifecycle.apply_change` decides."""
    tokens = AccessToken.objects.filter(user__gt=planned.applied_to)
    keeps = planned.existing == Existing.KEEP  # then only a limit touches tokens, and that is a day at least
    holding = tokens.longer_than(now=now, days=1) if keeps else tokens.in_use(now=now)
    people = homed_in([planned.account_id], now=now)
    return people.filter(pk__gt=planned.applied_to, pk__in=holding.values("user_id")).order_by("pk")


def apply_in_batches(planned_id: int, *, clock: Callable[[], datetime]) -> Iterator[lifecycle.Applied]:
    """Carry out a change that has begun, each batch in a transaction of its own where none is open.

    That may take a while: each batch is of the moment that `clock` says when it begins.
    """
    while (applied := _apply_next(planned_id, clock())) is not None:
        yield applied


def apply_begun(*, clock: Callable[[], datetime]) -> set[int]:
    """Carry out every change that has begun, the oldest first; return their ids.

    A clamp of everybody does this before: it would bring all that such a change shortens to one moment, and what the
    change then spreads would be shortened twice, with a line and a word to its owner each time.
    """
    going = begun()
    for pk in going:
        batches = list(apply_in_batches(pk, clock=clock))
        logger.info("Change %s of settings reached its tokens in %s batches", pk, len(batches))
    return set(going)


@transaction.atomic
def _apply_next(planned_id: int, now: datetime) -> lifecycle.Applied | None:
    """The next batch, noted in the change itself; None where it is over, with that noted too."""
    planned = locked_if_begun(planned_id)
    if planned is None:
        return None
    ids = list(owners(planned, now=now).values_list("pk", flat=True)[:BATCH])
    if not ids:
        finish(planned, now=now)
        return None
    applied = lifecycle.apply_change(planned, ids, now=now)
    planned.applied_to = ids[-1]
    planned.shortened += applied.shortened
    planned.revoked += applied.revoked
    planned.save(update_fields=["applied_to", "shortened", "revoked"])
    return applied
