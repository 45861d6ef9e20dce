"""What people hold, in all and by their shapes: for whoever wants to change their roles, or the rules for them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.census import SHAPED, Census
from policies.holdings import Ceilings, Held
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
