"""What people hold, in all and by their shapes: for whoever wants to change their roles, or the rules for them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.census import SHAPED, Census, Shape
from policies.holdings import Ceilings, Held, Listed, Treated
from tokens.models import OPEN, AccessToken

OF_LATE = timedelta(days=30)
_IN_USE = "t.state = ANY(%(open)s) AND (t.expires_at IS NULL OR t.expires_at > %(at)s)"  # as `in_use` of the models
# SQL sorts into a few heaps and counts; what happens to a heap the decision says, from its first and its last.
_HELD = f"""
    WITH {SHAPED}, wanted AS (
        SELECT * FROM unnest(%(helds)s::text[], %(actives)s::boolean[], %(ceilings)s::timestamptz[])
            AS each (held, is_active, ceiling)
    )
    SELECT held, is_active, min(t.expires_at), max(t.expires_at), is_used, count(*)
    FROM shaped JOIN wanted USING (held, is_active) JOIN tokens_accesstoken t USING (user_id),
        LATERAL (SELECT COALESCE(t.last_used_at > %(of_late)s, FALSE) AS is_used) AS use
    WHERE {_IN_USE}
    GROUP BY held, is_active, is_used, t.expires_at IS NULL, t.expires_at > ceiling
"""  # noqa: S608  # ours
# Where a limit is nothing, only what is revoked is treated.
_TREATED = f"""
    WITH {SHAPED}, wanted AS (
        SELECT * FROM unnest(
            %(helds)s::text[], %(actives)s::boolean[], %(limits)s::timestamptz[], %(revoked)s::boolean[]
        ) AS each (held, is_active, latest, is_revoked)
    )
    SELECT held, shaped.is_active, t.id, t.lookup_id, t.purpose, u.id, u.name, u.login_id, u.email, t.expires_at,
        t.last_used_at
    FROM shaped JOIN wanted USING (held, is_active) JOIN tokens_accesstoken t USING (user_id)
        JOIN accounts_user u ON u.id = user_id
    WHERE {_IN_USE} AND (is_revoked OR latest IS NOT NULL AND (t.expires_at IS NULL OR t.expires_at > latest))
    ORDER BY t.last_used_at DESC NULLS LAST, t.id LIMIT %(most)s
"""  # noqa: S608  # ours
CHUNK = 1000  # rows


def in_use(now: datetime) -> int:
    """The tokens in use of everybody."""
    return AccessToken.objects.in_use(now=now).count()


def held(census: Census, ceilings: Ceilings, at: datetime) -> Iterator[Held]:
    """The tokens of people of these shapes that will be in use at a moment, in one query."""
    helds, actives = census.columns_of(ceilings)
    wanted: dict[str, Any] = {"helds": helds, "actives": actives, "ceilings": list(ceilings.values())}
    parameters = {**census.parameters, **wanted, "open": list(OPEN), "of_late": census.now - OF_LATE, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_HELD, parameters)
        for written, is_active, first, last, is_used, number in cursor.fetchall():
            yield Held(census.shape(written, is_active), first, last, is_used, number)


def treated(
    census: Census, treated_by_shape: Mapping[Shape, Treated], at: datetime, most: int | None
) -> Iterator[Listed]:
    """The tokens that will be in use at a moment and are treated, the last used first, in memory that stays flat."""
    helds, actives = census.columns_of(treated_by_shape)
    each = treated_by_shape.values()
    wanted: dict[str, Any] = {
        "helds": helds,
        "actives": actives,
        "limits": [one.limit for one in each],
        "revoked": [one.revokes for one in each],
    }
    parameters = {**census.parameters, **wanted, "open": list(OPEN), "at": at, "most": most}
    with connection.chunked_cursor() as cursor:
        cursor.execute(_TREATED, parameters)
        while rows := cursor.fetchmany(CHUNK):
            for written, is_active, *facts in rows:
                yield Listed(census.shape(written, is_active), *facts)
