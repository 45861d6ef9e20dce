"""What the database holds at the moment of asking, without reading a large table."""

from collections.abc import Iterator

from django.db import Error, connection
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tokens import journal
from tokens.models import State
from tokens.notifications import MOST_ATTEMPTS

EXACT_UP_TO = 100_000  # tokens; a count of so many takes some 15 ms, and grows with them
# As of the last (auto)vacuum or analyze; -1 before the first.
_HOW_MANY = "SELECT reltuples::bigint FROM pg_class WHERE oid = 'tokens_accesstoken'::regclass"
_EXACT = "SELECT state, count(*) FROM tokens_accesstoken GROUP BY state"
# The planner's sample: a state that hardly any token is in may be missing.
_ESTIMATE = """
    SELECT value, round(share * %s) FROM pg_stats,
        unnest(most_common_vals::text::text[], most_common_freqs) AS common(value, share)
    WHERE schemaname = current_schema() AND tablename = 'tokens_accesstoken' AND attname = 'state'
"""
_NOTICES = """
    SELECT count(*) FILTER (WHERE attempts < %s), count(*) FILTER (WHERE attempts >= %s)
    FROM tokens_notice WHERE sent_at IS NULL AND withheld_at IS NULL
"""


class Stock(Collector):
    """Tokens by state, mails that are owed, and how the journal fares; of a database that is away, only that."""

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        try:
            metrics = [tokens_by_state(), notices(), *endings()]
        except Error:
            metrics = []
        yield GaugeMetricFamily("tokenportal_database_up", "Whether PostgreSQL answers", value=bool(metrics))
        yield from metrics


def tokens_by_state() -> GaugeMetricFamily:
    """Count the tokens in each state; estimate them where there are very many."""
    family = GaugeMetricFamily(
        "tokenportal_tokens", f"Tokens by state, estimated above {EXACT_UP_TO} tokens", labels=["state"]
    )
    counts = count_tokens()
    for state in State:
        family.add_metric([state.value], counts.get(state.value, 0))
    return family


def count_tokens() -> dict[str, int]:
    """Return how many tokens each state has, without those that none has. Raises django.db.Error."""
    with connection.cursor() as cursor:
        cursor.execute(_HOW_MANY)
        [tokens] = cursor.fetchone()
        if tokens > EXACT_UP_TO:
            cursor.execute(_ESTIMATE, [tokens])
        else:
            cursor.execute(_EXACT)
        return {state: int(count) for state, count in cursor.fetchall()}


def notices() -> GaugeMetricFamily:
    """Count the mails that are owed, and those that the mail server has refused too often."""
    family = GaugeMetricFamily("tokenportal_notices", "Mails not sent: waiting, or given up", labels=["state"])
    with connection.cursor() as cursor:
        cursor.execute(_NOTICES, [MOST_ATTEMPTS, MOST_ATTEMPTS])
        waiting, given_up = cursor.fetchone()
    family.add_metric(["waiting"], waiting)
    family.add_metric(["given_up"], given_up)
    return family


def endings() -> list[GaugeMetricFamily]:
    """Say how the journal of endings fares on this host."""
    fares = journal.health()
    closed = "Whether the doors are closed, since the database is older than the journal"
    late = "For how long something that ended has not been in the journal of this host"
    return [
        GaugeMetricFamily("tokenportal_quarantined", closed, value=fares.is_quarantined),
        GaugeMetricFamily("tokenportal_journal_owed", "Endings that are on no page of the journal", value=fares.owed),
        GaugeMetricFamily("tokenportal_journal_late_seconds", late, value=fares.late),
    ]
