"""Word that requests wait for an answer: to each who may give one, of what has come since the last word they had."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from accounts.people import Membership, counting, memberships
from accounts.roles import Permission
from tokens import notifications
from tokens.events import QueueEvent
from tokens.models import Notice, TokenRequest

# Nobody gets a second mail of this sooner.
AT_MOST_EVERY = timedelta(hours=1)
# The newest requests wait for the next run: one may bear an earlier moment than another and be committed after it.
SETTLED = timedelta(minutes=1)
MOST_NAMED = 5


@transaction.atomic
def announce(*, now: datetime) -> int:
    """Owe everybody who may answer new requests one word of all of them; return how many people that were."""
    settled = TokenRequest.objects.waiting().filter(made_at__lte=now - SETTLED)
    waiting = list(settled.select_related("person").order_by("made_at", "pk"))
    if not waiting:
        return 0
    seen = {pk: until for pk, until in _seen_until(now).items() if until is None or until < waiting[-1].made_at}
    people = memberships(seen.keys() | {request.person_id for request in waiting}, now=now)
    owed = {}
    for approver, until in seen.items():
        new = [request for request in waiting if until is None or until < request.made_at]
        if mine := [request for request in new if _may_answer(approver, request, people)]:
            owed[approver] = _facts(mine)
    notifications.owe_each(QueueEvent.WAITING, owed, now=now)
    return len(owed)


def _may_answer(approver: int, request: TokenRequest, people: Mapping[int, Membership]) -> bool:
    asker = request.person_id
    return asker != approver and people[approver].may(Permission.TOKENS_CREATE, people[asker])


def _seen_until(now: datetime) -> dict[int, datetime | None]:
    """Those who may answer somebody's requests and are due a word, and up to which moment they were told of them."""
    may = counting(now).filter(role__permissions__contains=[Permission.TOKENS_CREATE], user__is_active=True)
    ids = set(may.values_list("user", flat=True))
    told = Notice.objects.filter(person__in=ids, event=QueueEvent.WAITING).order_by().values("person")
    last = dict(told.annotate(last=Max("created_at")).values_list("person", "last"))
    return {
        pk: last[pk] - SETTLED if pk in last else None
        for pk in ids
        if pk not in last or last[pk] <= now - AT_MOST_EVERY
    }


def _facts(requests: Collection[TokenRequest]) -> dict[str, object]:
    named = [{"name": request.person.name, "purpose": request.purpose} for request in list(requests)[:MOST_NAMED]]
    return {"new": len(requests), "named": named, "others": len(requests) - len(named)}
