"""What the tokens of a part of the school come to, in one statement: the figures above the list, and its charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Count, Q, QuerySet, Value, When

from accounts.people import chiefs
from accounts.roles import CHIEF_FIRST, Base
from tokens.inventory import filters
from tokens.models import AccessToken, AccessTokenQuerySet, Flag, FlagState

WEEKS, WEEK = 8, timedelta(days=7)
_FLAGGED = -1  # where a row would name a week
COUNTED = 10_000  # tokens; above, they are estimated
SAMPLED = 2  # per cent of the table: of 10,000 tokens that match, 200, which is right to some 7 per cent


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the tokens in use. `by_base` counts each under the chief role of its owner, None for who has no role."""

    in_use: int
    people: int
    ending_soon: int
    idle: int
    never_end: int
    flagged: int  # unusual uses of the last week that nobody has dismissed
    weeks: list[int]  # how many end in each of the next WEEKS weeks
    by_base: dict[Base | None, int]
    counted_at: datetime

    @property
    def are_kept(self) -> bool:
        """Whether they are so many that they are not counted again at once: then it matters when they were."""
        return self.in_use > COUNTED


def figures_of(tokens: AccessTokenQuerySet, *, now: datetime) -> Figures:
    """Count once by owner, then by the owners' roles, which are looked up for those alone who have a token."""
    in_use = tokens.in_use(now=now).order_by()
    counts = {name: Count("pk", filter=narrow) for name, narrow in _narrowings(now).items()}
    owned, owned_params = in_use.values("user_id").annotate(**counts).query.sql_with_params()
    ending, ending_params = _by_week(in_use, now).query.sql_with_params()
    ranked, ranked_params = chiefs(now).query.sql_with_params()
    flagged, flagged_params = _flagged(tokens, now).query.sql_with_params()
    statement = f"""
        SELECT ranked.rank, NULL, count(*), {", ".join(f'sum(owned."{name}")::bigint' for name in counts)}
        FROM ({owned}) owned LEFT JOIN ({ranked}) ranked USING (user_id) GROUP BY ranked.rank
        UNION ALL
        SELECT NULL, week, tokens{", NULL" * len(counts)} FROM ({ending}) ending
        UNION ALL
        SELECT NULL, {_FLAGGED}, count(*){", NULL" * len(counts)} FROM ({flagged}) flagged
    """  # noqa: S608  # statements of Django's own
    with connection.cursor() as cursor:
        cursor.execute(statement, (*owned_params, *ranked_params, *ending_params, *flagged_params))
        return _figures(cursor.fetchall(), now)


def _narrowings(now: datetime) -> dict[str, Q]:
    """What is counted of each owner's tokens, in the order of the columns."""
    return {
        "all": Q(),
        "idle": filters.idle(now),
        "never_end": filters.never_ends(now),
    }


def _by_week(in_use: AccessTokenQuerySet, now: datetime) -> QuerySet[Any, Any]:
    """How many of the tokens end in each of the next weeks, that is up to 7, 14, … days from now."""
    weeks = (When(expires_at__lte=now + WEEK * (n + 1), then=Value(n)) for n in range(WEEKS))
    soon = in_use.filter(expires_at__lte=now + WEEK * WEEKS)
    return soon.annotate(week=Case(*weeks)).values("week").annotate(tokens=Count("pk"))


def _flagged(tokens: AccessTokenQuerySet, now: datetime) -> QuerySet[Any, Any]:
    """The unusual uses of the last week."""
    flags = Flag.objects.filter(first_at__gt=now - WEEK, token__in=tokens.order_by().values("pk"))
    return flags.exclude(state=FlagState.DISMISSED).values("pk")


def _figures(rows: Sequence[tuple[int | None, ...]], now: datetime) -> Figures:
    by_role = [row for row in rows if row[1] is None]
    by_week = {row[1]: row[2] or 0 for row in rows if row[1] is not None}
    weeks = [by_week.get(n, 0) for n in range(WEEKS)]
    columns = [[count or 0 for count in column] for column in zip(*by_role, strict=True)][2:] or [[0]] * 4
    people, in_use, idle, never_end = map(sum, columns)
    by_base = {None if row[0] is None else CHIEF_FIRST[row[0]]: row[3] or 0 for row in by_role}
    return Figures(in_use, people, sum(weeks[:2]), idle, never_end, by_week.get(_FLAGGED, 0), weeks, by_base, now)


@dataclass(frozen=True, slots=True)
class Total:
    """How many there are: exact up to `most`; above, that there are more, and where it was asked, about how many."""

    number: int
    most: int = COUNTED
    estimate: int | None = None

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.number > self.most


def total_of(rows: QuerySet[Any, Any]) -> Total:
    """Count them, but not on and on."""
    return Total(rows.order_by().values("pk")[: COUNTED + 1].count())


def estimate_of(tokens: AccessTokenQuerySet) -> Total:
    """Count them and, where they are too many for that, those in a sample: the same pages of the table each time."""
    found = tokens.order_by().values("pk")
    try:
        statement, params = found.query.sql_with_params()
    except EmptyResultSet:  # nothing can match
        return Total(0)
    first, first_params = found[: COUNTED + 1].query.sql_with_params()
    table = f'FROM "{AccessToken._meta.db_table}"'
    sampled = statement.replace(table, f"{table} TABLESAMPLE SYSTEM ({SAMPLED}) REPEATABLE (1)", 1)
    both = f"""
        WITH counted AS MATERIALIZED (SELECT count(*) AS number FROM ({first}) AS first)
        SELECT number, CASE WHEN number > {COUNTED} THEN (SELECT count(*) FROM ({sampled}) AS sampled) END FROM counted
    """  # noqa: S608  # statements of Django's own
    with connection.cursor() as cursor:
        cursor.execute(both, (*first_params, *params))
        number, in_sample = cursor.fetchone()
    if in_sample is None:
        return Total(number)
    return Total(number, estimate=max(rounded(in_sample * 100 // SAMPLED), COUNTED))


def rounded(number: int) -> int:
    """To two digits: an estimate should not look like more."""
    return round(number, 2 - len(str(number)))
