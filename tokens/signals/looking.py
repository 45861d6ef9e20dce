"""Looking for unusual use, in batches of tokens whose memory does not grow with the table."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import BigIntegerField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from accounts.people import Membership, chiefs, memberships
from accounts.roles import CHIEF_FIRST, Base
from tokens.models import AccessToken, TokenDay
from tokens.signals.raising import Raised, raise_flags
from tokens.signals.rules import COMPARED, LATELY, MOST_NIGHTS, RULES, Counts, Day, Rule, Seen
from tokens.signals.watching import Watches
from tokens.usage import ACCEPTED

BATCH = 500  # tokens
_COLUMNS = ("outcomes", "hours", "places", "origins", "lacking")


class Looked(NamedTuple):
    """What one batch came to: tokens looked at, flags raised and flags that grew."""

    tokens: int
    raised: int
    grown: int


def look_in_batches(*, now: datetime) -> Iterator[Looked]:
    """Look at every token that was used or refused lately, each batch in a transaction of its own.

    By id. A run that was killed half way is made up for by the next: what was found is found again, and raised once.
    """
    watches, last = Watches(), 0
    sharing = _sharing(watches, now)
    lately = TokenDay.objects.filter(day__gt=_day(now, LATELY)).order_by("token_id").values_list("token_id", flat=True)
    while ids := list(lately.filter(token_id__gt=last).distinct()[:BATCH]):
        last = ids[-1]
        yield _look(ids, watches, sharing, now)


@transaction.atomic
def _look(ids: Collection[int], watches: Watches, sharing: Counts, now: datetime) -> Looked:
    tokens = AccessToken.objects.filter(pk__in=ids).select_related("user").defer("verifier", "tag")
    owners = memberships({token.user_id for token in tokens}, now=now)
    days, accepted = _days(ids, now), _accepted(ids, now)
    found: list[Raised] = []
    for token in tokens:
        owner = owners[token.user_id]
        seen = Seen(
            now=now,
            since=token.secret_made_at.astimezone(UTC).date(),
            zone=token.user.zone,
            days=days.get(token.pk, {}),
            accepted=accepted.get(token.pk, {}),
            sharing=sharing if _is_student(owner) else {},
        )
        for rule, watch in watches.on(owner.home).items():
            finding = RULES[rule].look(seen, watch.limits)
            if finding is not None:
                found.append(Raised(token, rule, finding, is_told=not watch.only_watches(now)))
    raised, grown = raise_flags(found, now=now)
    return Looked(len(ids), raised, grown)


def _is_student(owner: Membership) -> bool:
    chief = owner.standing.chief
    return chief is not None and chief.base == Base.STUDENT


def _day(now: datetime, ago: int) -> date:
    return now.astimezone(UTC).date() - timedelta(days=ago)


def _days(ids: Collection[int], now: datetime) -> dict[int, dict[date, Day]]:
    """What was counted in the last week; a night of the owner's may begin on the day before."""
    rows = TokenDay.objects.filter(token__in=ids, day__gt=_day(now, MOST_NIGHTS + LATELY))
    found: dict[int, dict[date, Day]] = {}
    for token_id, day, *counts in rows.values_list("token_id", "day", *_COLUMNS):
        found.setdefault(token_id, {})[day] = Day(*counts)
    return found


def _accepted(ids: Collection[int], now: datetime) -> dict[int, dict[date, int]]:
    """The accepted requests of each day with which the last are compared; no JSON is read for that."""
    rows = TokenDay.objects.filter(token__in=ids, day__gte=_day(now, COMPARED + LATELY))
    count = Cast(KeyTextTransform(ACCEPTED, "outcomes"), BigIntegerField())
    found: dict[int, dict[date, int]] = {}
    for token_id, day, number in rows.values_list("token_id", "day", count):
        found.setdefault(token_id, {})[day] = number or 0
    return found


def _sharing(watches: Watches, now: datetime) -> Mapping[str, int]:
    """Of how many students the tokens were used lately from a network with a tool, where some rule may mind."""
    on = watches.all_on(Rule.SHARED)
    if not on:
        return {}
    students, params = chiefs(now).filter(rank=CHIEF_FIRST.index(Base.STUDENT)).query.sql_with_params()
    statement = f"""
        SELECT origin, count(DISTINCT t.user_id)
        FROM tokens_tokenday d
            JOIN tokens_accesstoken t ON t.id = d.token_id
            JOIN ({students}) student ON student.user_id = t.user_id,
            jsonb_object_keys(d.origins) origin
        WHERE d.day > %s GROUP BY origin HAVING count(DISTINCT t.user_id) BETWEEN %s AND %s
    """  # noqa: S608  # a statement of Django's own
    least = min(watch.limits["students"] for watch in on)
    most = max(watch.limits["at_most"] for watch in on)
    values: list[Any] = [*params, _day(now, LATELY), least, most]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return dict(cursor.fetchall())
