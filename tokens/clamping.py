"""Bringing many people's tokens under the cap, in batches whose memory does not grow with the table."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from tokens import lifecycle
from tokens.models import AccessToken

BATCH = 500  # owners


def owners_to_clamp(people: QuerySet[User], *, now: datetime, after: int = 0) -> QuerySet[User]:
    """Those of `people` who hold a token that a cap could shorten; whether it does, `lifecycle.clamp_many` decides.

    `after` is the id from which on to look: said of the tokens too, for the database does not conclude it, and would
    look at all that came before with every batch.
    """
    holding = AccessToken.objects.longer_than(now=now, days=1).filter(user__gt=after)
    return people.filter(pk__gt=after, pk__in=holding.values("user_id")).order_by("pk")


def clamp(people: QuerySet[User], *, actor: User | None, now: datetime) -> int:
    """Clamp the tokens of all `people`; return how many were shortened."""
    return sum(shortened for _seen, shortened in clamp_in_batches(people, actor=actor, now=now))


def clamp_in_batches(people: QuerySet[User], *, actor: User | None, now: datetime) -> Iterator[tuple[int, int]]:
    """Clamp batch by batch, each in a transaction of its own where none is open: (owners seen, tokens shortened).

    By id, so that a run that was killed half way goes on in the next one.
    """
    last = 0
    while ids := list(owners_to_clamp(people, now=now, after=last).values_list("pk", flat=True)[:BATCH]):
        last = ids[-1]
        yield len(ids), lifecycle.clamp_many(ids, actor=actor, now=now)
