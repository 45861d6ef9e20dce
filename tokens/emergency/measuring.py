"""Counting the uses in the report of a pause: what was asked in the 24 hours before, what was still tried since.

Uses come into the rows of days some seconds behind, so a report is counted again for as long as they may change: while
the pause stands, ever more seldom, and for the last time a minute after it was lifted.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from tokens.emergency.covering import OF_LATE
from tokens.models import Pause
from tokens.verification import Outcome

SETTLED = timedelta(minutes=1)  # after which nothing comes in any more
SOONEST, SHARE = timedelta(seconds=20), 100  # between two counts, and that part of the pause's age
# Requests are counted by the hour; of the hour in which the pause began, what was refused by it is taken off.
_BEFORE = """
    UPDATE tokens_pausedtoken p SET
        requests = GREATEST(used.requests - LEAST(GREATEST(used.paused - p.tried_before, 0), used.meanwhile), 0),
        last_used_at = CASE WHEN t.last_used_at <= %(made)s THEN t.last_used_at ELSE p.last_used_at END,
        last_used_ip = CASE WHEN t.last_used_at <= %(made)s THEN t.last_used_ip ELSE p.last_used_ip END
    FROM tokens_accesstoken t JOIN (
        SELECT d.token_id,
            sum((
                SELECT coalesce(sum(hour.value::bigint), 0) FROM jsonb_each_text(d.hours) AS hour
                WHERE d.day + make_interval(hours => hour.key::int) BETWEEN %(first)s AND %(last)s
            )) AS requests,
            coalesce(sum((d.outcomes->>%(paused)s)::bigint) FILTER (WHERE d.day = %(day)s), 0) AS paused,
            coalesce(sum((d.hours->>%(hour)s)::bigint) FILTER (WHERE d.day = %(day)s), 0) AS meanwhile
        FROM tokens_tokenday d WHERE d.day BETWEEN %(day_before)s AND %(day)s GROUP BY d.token_id
    ) AS used ON used.token_id = t.id
    WHERE p.pause_id = %(pause)s AND p.token_id = t.id
"""
_SINCE = """
    UPDATE tokens_pausedtoken p SET tried = GREATEST(tries.number - p.tried_before, 0)
    FROM (
        SELECT d.token_id, sum((d.outcomes->>%(paused)s)::bigint) AS number FROM tokens_tokenday d
        WHERE d.day BETWEEN %(day)s AND %(until)s AND d.outcomes ? %(paused)s GROUP BY d.token_id
    ) AS tries
    WHERE p.pause_id = %(pause)s AND p.token_id = tries.token_id
        AND p.tried <> GREATEST(tries.number - p.tried_before, 0)
"""


def to_measure(*, now: datetime) -> list[int]:
    """The ids of the pauses whose reports are to be counted now, the oldest first."""
    is_open = Q(measured_at=None) | Q(lifted_at=None) | Q(measured_at__lt=F("lifted_at") + SETTLED)
    found = Pause.objects.filter(is_open, told_at__isnull=False).order_by("pk")
    return [made.pk for made in found if made.measured_at is None or made.measured_at <= now - _rest(made, now)]


def _rest(made: Pause, now: datetime) -> timedelta:
    """How long a count is good enough; once it is lifted, the last one is not put off."""
    return SOONEST if made.lifted_at else max(SOONEST, (now - made.made_at) / SHARE)


@transaction.atomic
def measure(pause_id: int, *, now: datetime) -> None:
    """Count the uses of a pause's tokens as far as they are known now. Nobody who lifts it waits for that."""
    made = Pause.objects.get(pk=pause_id)
    at = made.made_at.astimezone(UTC)
    hour = at.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    params: dict[str, Any] = {
        "pause": made.pk,
        "made": made.made_at,
        "paused": Outcome.PAUSED,
        "first": hour - OF_LATE,
        "last": hour,
        "hour": str(at.hour),
        "day_before": (at - OF_LATE).date(),
        "day": at.date(),
        "until": (made.lifted_at or now).astimezone(UTC).date(),
    }
    is_settled = made.measured_at is not None and now > made.made_at + 2 * SETTLED
    with connection.cursor() as cursor:
        if not is_settled:
            cursor.execute(_BEFORE, params)
        cursor.execute(_SINCE, params)
    Pause.objects.filter(pk=pause_id).update(measured_at=now)
