"""Writes what was counted into the rows: one per token and day, one per account and day, the last use on the token."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django.db import connection, transaction

from accounts.people import memberships
from tokens.events import Event
from tokens.models import AccessToken, AccountDay, TokenDay, TokenNetwork, UseTold, Verifier
from tokens.usage.counting import DayUse, Key
from tokens.usage.news import tell_news
from tokens.usage.noting import LIST, connect

_LAST_USE = """
    WITH used AS (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::inet[], %s::text[])
            AS used(id, count, at, address, agent)
    ), locked AS (
        SELECT t.id FROM tokens_accesstoken t JOIN used USING (id) ORDER BY t.id FOR NO KEY UPDATE OF t
    )
    UPDATE tokens_accesstoken t SET
        use_count = t.use_count + used.count,
        last_used_at = GREATEST(t.last_used_at, used.at),
        last_used_ip = CASE WHEN t.last_used_at > used.at THEN t.last_used_ip ELSE used.address END,
        last_used_agent = CASE WHEN t.last_used_at > used.at THEN t.last_used_agent ELSE used.agent END
    FROM used JOIN locked USING (id) WHERE t.id = used.id
"""
_ACCOUNT_DAYS = """
    INSERT INTO tokens_accountday AS known (account_id, day, accepted, refused)
    SELECT * FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[])
    ON CONFLICT (account_id, day) DO UPDATE
    SET accepted = known.accepted + EXCLUDED.accepted, refused = known.refused + EXCLUDED.refused
"""


def roll_up(*, now: datetime) -> int:
    """Write every flushed buffer that waits in Redis; return how many days of tokens were touched.

    A buffer is taken before it is written: a worker that dies in between loses seconds of counts, and never counts
    anything twice.
    """
    client, touched = connect(), 0
    while text := cast("bytes | None", client.lpop(LIST)):
        flushed = json.loads(text)
        days = {(token_id, day): DayUse.from_dict(value) for token_id, day, value in flushed["days"]}
        with transaction.atomic():
            tell_news(days, now=now)
            write(days, now=now)
        _write_verifiers(flushed["verifiers"])
        touched += len(days)
    return touched


@transaction.atomic
def write(days: Mapping[Key, DayUse], *, now: datetime) -> None:
    """Add what was counted. The time of last use only moves forward, whatever order the buffers come in.

    The tokens come last: whoever changes them, a clamp of many above all, waits for their rows until this commits.
    """
    ids = {token_id for token_id, _day in days}
    owners = dict(AccessToken.objects.filter(pk__in=ids).values_list("pk", "user_id"))
    days = {key: uses for key, uses in days.items() if key[0] in owners}
    last_uses = _last_uses(days)
    _write_account_days(days, owners, now)  # both before what was counted is joined with what was known
    _write_days(days)
    if last_uses:
        with connection.cursor() as cursor:
            cursor.execute(_LAST_USE, [list(column) for column in zip(*last_uses, strict=True)])


def _last_uses(days: Mapping[Key, DayUse]) -> list[list[Any]]:
    """Only accepted uses count as uses of the token; that a dead one is still tried stands in its days."""
    totals: dict[int, list[Any]] = {}
    for (token_id, _day), uses in days.items():
        last = uses.last_accepted
        if last is None:
            continue
        total = totals.setdefault(token_id, [token_id, 0, 0.0, None, ""])
        total[1] += uses.accepted
        if last[0] > total[2]:
            total[2:] = [last[0], last[3], last[4][:255]]
    return [[pk, count, datetime.fromtimestamp(at, UTC), *rest] for pk, count, at, *rest in totals.values()]


def _write_account_days(days: Mapping[Key, DayUse], owners: Mapping[int, int], now: datetime) -> None:
    """Add to the days of the accounts that are home to the owners now; a later move leaves them where they are."""
    homes = {owner: each.home[-1] for owner, each in memberships(set(owners.values()), now=now).items()}
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    for (token_id, day), uses in days.items():
        counts = sums[homes[owners[token_id]], day]
        counts[0] += uses.accepted
        counts[1] += uses.refused
    if sums:
        rows = [[*key, *counts] for key, counts in sorted(sums.items())]  # in one order, as all locks are taken
        with connection.cursor() as cursor:
            cursor.execute(_ACCOUNT_DAYS, [list(column) for column in zip(*rows, strict=True)])


def _write_days(days: Mapping[Key, DayUse]) -> None:
    wanted = {(token_id, date.fromisoformat(day)): uses for (token_id, day), uses in days.items()}
    known = TokenDay.objects.select_for_update().filter(
        token_id__in={token_id for token_id, _day in wanted}, day__in={day for _id, day in wanted}
    )
    for row in known.order_by("token_id", "day"):
        if uses := wanted.get((row.token_id, row.day)):
            uses.merge(DayUse.from_dict(row.counts()))
    TokenDay.objects.bulk_create(
        (TokenDay(token_id=pk, day=day, **uses.as_dict()) for (pk, day), uses in sorted(wanted.items(), key=_by_key)),
        update_conflicts=True,
        unique_fields=["token", "day"],
        update_fields=list(TokenDay.COUNTS),
        batch_size=1000,
    )


def _write_verifiers(last_asked: list[tuple[int, float]]) -> None:
    for verifier_id, at in last_asked:
        asked = datetime.fromtimestamp(at, UTC)
        rows = Verifier.objects.filter(pk=verifier_id).exclude(last_used_at__gte=asked)
        rows.update(last_used_at=asked)


def _by_key(item: tuple[tuple[int, date], DayUse]) -> tuple[int, date]:
    return item[0]


def forget(*, now: datetime, keep_days: int) -> int:
    """Drop the days that are older than `keep_days`, of tokens and of accounts; return how many.

    With them goes what was last used from so long ago, and what was told of that.
    """
    first = now.date() - timedelta(days=keep_days)
    TokenNetwork.objects.filter(last_on__lt=first).delete()
    UseTold.objects.filter(event=Event.NEW_NETWORK, day__lt=first).delete()
    return sum(model.objects.filter(day__lt=first).delete()[0] for model in (TokenDay, AccountDay))
