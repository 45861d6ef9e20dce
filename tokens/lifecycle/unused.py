"""The verbs on tokens that nobody uses: their owners are warned, and what stays unused after that ends."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import ngettext

from accounts.audit import line, record_many
from accounts.locks import lock_many
from policies.governing import governed_many
from policies.unused import Idle
from tokens import notifications
from tokens.events import Event
from tokens.lifecycle.batches import revoke_many
from tokens.models import AccessToken
from tokens.reasons import Reason, ReasonCode


class _Warned(NamedTuple):
    """What the word to an owner says of a token: its end is the one for want of use."""

    pk: int
    user_id: int
    purpose: str
    expires_at: datetime | None


@transaction.atomic
def tend_unused(owner_ids: Collection[int], *, now: datetime) -> tuple[int, int]:
    """Warn the owners of tokens that nobody uses, and end those that stay so; return how many of each."""
    lock_many(owner_ids)
    people = governed_many(owner_ids, now=now)
    in_use = AccessToken.objects.filter(user__in=list(owner_ids)).in_use(now=now)
    tokens = list(in_use.order_by("pk").select_for_update(of=("self",)))
    known = [
        (each, Idle(each.idle_since, each.unused_warned_at, people[each.user_id].rules.unused_days)) for each in tokens
    ]
    _note([each for each, idle in known if idle.is_warned_in_vain(now)], None)
    warned = [(each, idle) for each, idle in known if idle.is_to_be_warned(now)]
    _warn(warned, now)
    ended: dict[int, list[int]] = {}
    for each, idle in known:
        if idle.is_to_end(now):
            ended.setdefault((now - idle.since).days, []).append(each.pk)
    return len(warned), sum(_end(pks, days, now) for days, pks in ended.items())


def _warn(found: list[tuple[AccessToken, Idle]], now: datetime) -> None:
    told = [_Warned(each.pk, each.user_id, each.purpose, idle.end(now)) for each, idle in found]
    record_many(
        line(
            Event.UNUSED_WARNING,
            actor=None,
            now=now,
            person=each.user_id,
            subject_id=each.pk,
            before={},
            after={"ends_unused_at": each.expires_at},
        )
        for each in told
    )
    _note([each for each, _idle in found], now)
    notifications.owe(Event.UNUSED_WARNING, told, actor=None, now=now)


def _note(tokens: list[AccessToken], warned_at: datetime | None) -> None:
    AccessToken.objects.filter(pk__in=[each.pk for each in tokens]).update(unused_warned_at=warned_at)


def _end(token_ids: list[int], days: int, now: datetime) -> int:
    words = ngettext("Nobody has used it for %(days)d day.", "Nobody has used it for %(days)d days.", days)
    return len(revoke_many(token_ids, actor=None, now=now, reason=Reason(words % {"days": days}, ReasonCode.NOT_USED)))
