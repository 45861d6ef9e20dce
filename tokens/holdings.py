"""What people hold, in all and by their shapes: for whoever wants to change their roles, or the rules for them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.census import Census, Shape
from policies.holdings import Ceilings, Held, Listed, Treated
from tokens.models import OPEN, AccessToken

OF_LATE = timedelta(days=30)
_IN_USE = "t.state = ANY(%(open)s) AND (t.expires_at IS NULL OR t.expires_at > %(at)s)"  # as `in_use` of the models
_OWNER = """
    owner AS (
        SELECT user_id, width_bucket(position, %(starts)s::bigint[]) AS shape
        FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS each (user_id, position)
    )
"""
# SQL sorts into a few heaps and counts; what happens to a heap the decision says, from its first and its last.
_HELD = f"""
    WITH {_OWNER}, wanted AS (
        SELECT * FROM unnest(%(ceilings)s::timestamptz[]) WITH ORDINALITY AS each (ceiling, shape)
    )
    SELECT shape, min(t.expires_at), max(t.expires_at), is_used, count(*)
    FROM owner JOIN wanted USING (shape) JOIN tokens_accesstoken t ON {{t_user_id}} = owner.user_id,
        LATERAL (SELECT COALESCE(t.last_used_at > %(of_late)s, FALSE) AS is_used) AS use
    WHERE {_IN_USE}
    GROUP BY shape, is_used, t.expires_at IS NULL, t.expires_at > ceiling
"""  # noqa: S608  # ours
# Where a limit is nothing, only what is revoked is treated.
_TREATED = f"""
    WITH {_OWNER}, wanted AS (
        SELECT * FROM unnest(%(limits)s::timestamptz[], %(revoked)s::boolean[]) WITH ORDINALITY
            AS each (latest, is_revoked, shape)
    ), treated AS (
        SELECT shape, t.id, t.lookup_id, t.purpose, t.user_id, t.expires_at, t.last_used_at
        FROM owner JOIN wanted USING (shape) JOIN tokens_accesstoken t ON {{t_user_id}} = owner.user_id
        WHERE {_IN_USE} AND (is_revoked OR latest IS NOT NULL AND (t.expires_at IS NULL OR t.expires_at > latest))
        ORDER BY t.last_used_at DESC NULLS LAST, t.id LIMIT %(most)s
    )
    SELECT shape, t.id, t.lookup_id, t.purpose, u.id, u.name, u.login_id, u.email, t.expires_at, t.last_used_at
    FROM treated t JOIN accounts_user u ON u.id = t.user_id ORDER BY t.last_used_at DESC NULLS LAST, t.id
"""  # noqa: S608  # ours
FEW = 5_000  # people
CHUNK = 1000  # rows


def in_use(now: datetime) -> int:
    """The tokens in use of everybody."""
    return AccessToken.objects.in_use(now=now).count()


def held(census: Census, ceilings: Ceilings, at: datetime) -> Iterator[Held]:
    """The tokens of people of these shapes, all counted, that will be in use at a moment, in one query."""
    wanted = {"ceilings": list(ceilings.values()), "of_late": census.now - OF_LATE}
    shapes, statement, parameters = _asking(_HELD, census, ceilings, wanted, at)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for shape, first, last, is_used, number in cursor.fetchall():
            yield Held(shapes[shape - 1], first, last, is_used, number)


def treated(
    census: Census, treated_by_shape: Mapping[Shape, Treated], at: datetime, most: int | None
) -> Iterator[Listed]:
    """The tokens that will be in use at a moment and are treated, the last used first, in memory that stays flat."""
    each = treated_by_shape.values()
    wanted = {"limits": [one.limit for one in each], "revoked": [one.revokes for one in each], "most": most}
    shapes, statement, parameters = _asking(_TREATED, census, treated_by_shape, wanted, at)
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, parameters)
        while rows := cursor.fetchmany(CHUNK):
            for shape, *facts in rows:
                yield Listed(shapes[shape - 1], *facts)


def _asking(
    statement: str, census: Census, asked: Iterable[Shape], wanted: dict[str, Any], at: datetime
) -> tuple[list[Shape], str, dict[str, Any]]:
    """How to ask for the tokens of people: their shapes in the order of their numbers, the statement, its parameters.

    The planner takes the owners for few, and would look for the tokens of each by the index. Of many it is quicker to
    read all tokens once: that alone is left to it where an expression stands in place of the column.
    """
    shapes = list(asked)
    ids, starts = census.people_of(shapes)
    column = "(t.user_id + 0)" if ids.count(",") > FEW else "t.user_id"
    parameters = {**wanted, "ids": ids, "starts": starts, "open": list(OPEN), "at": at}
    return shapes, statement.format(t_user_id=column), parameters
