"""Bringing many people's tokens under the cap, in batches whose memory does not grow with the table."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from tokens import lifecycle
from tokens.models import AccessToken

BATCH = 500  # owners


def owners_to_clamp(people: QuerySet[User], *, now: datetime) -> QuerySet[User]:
    """Those of `people` who hold a token that a cap could shorten; whether it does, `lifecycle.clamp_many` decides."""
    holding = AccessToken.objects.longer_than(now=now, days=1).values("user_id")
    return people.filter(pk__in=holding)


def clamp(people: QuerySet[User], *, actor: User | None, now: datetime) -> int:
    """Clamp the tokens of all `people`; return how many were shortened."""
    return sum(shortened for _seen, shortened in clamp_in_batches(people, actor=actor, now=now))


def clamp_in_batches(people: QuerySet[User], *, actor: User | None, now: datetime) -> Iterator[tuple[int, int]]:
    """Clamp batch by batch, each in a transaction of its own where none is open: (owners seen, tokens shortened).

    By id, so that a run that was killed half way goes on in the next one.
    """
    owners, last = owners_to_clamp(people, now=now).order_by("pk"), 0
    while ids := list(owners.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        last = ids[-1]
        yield len(ids), lifecycle.clamp_many(ids, actor=actor, now=now)
