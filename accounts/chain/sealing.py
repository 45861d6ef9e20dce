"""Sealing: the lines whose transactions are over get their places in the chain, each with its hash.

In the order of (transaction, id). A transaction whose number is below the oldest that still runs is over, so no line
can come before one that is sealed, however long somebody's transaction takes. Nothing is added to writing a line.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from accounts.chain.content import CONTENT

BATCH = 100_000  # lines
_LOCK = 7_221_060  # an advisory lock of the database: one batch at a time
# Where the chain ends: its place and hash, and the transaction of the last line that is sealed and still there.
_END = """
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
        coalesce(max(s.place), 0), coalesce((array_agg(s.hash))[1], ''), (
            SELECT e.xact FROM accounts_auditseal s JOIN accounts_auditevent e ON e.id = s.line
            ORDER BY s.place DESC LIMIT 1
        )
    FROM (SELECT place, hash FROM accounts_auditseal ORDER BY place DESC LIMIT 1) s
"""
_SINCE = "e.xact >= %(reached)s AND e.xact < %(horizon)s"
# Where nothing is sealed yet, and in a database that was restored on a server which counts transactions anew: lines
# from the other server are of numbers that are not given out here yet.
_ALL = "(coalesce(e.xact, 0) < %(horizon)s OR e.xact >= %(beyond)s)"
# What lines say is read only of those that the batch takes, each by its number.
_SEAL = f"""
    INSERT INTO accounts_auditseal (place, line, hash)
    SELECT %(place)s + row_number() OVER chain, id, audit_chained(%(hash)s::bytea, content) OVER chain
    FROM (
        SELECT e.id, coalesce(e.xact, 0) < %(horizon)s AS is_ours, coalesce(e.xact, 0) AS xact
        FROM accounts_auditevent e
        WHERE {{which}} AND NOT EXISTS (SELECT FROM accounts_auditseal s WHERE s.line = e.id)
        ORDER BY 2, 3, 1 LIMIT %(most)s
    ) AS lines,
    LATERAL (SELECT {CONTENT} AS content FROM accounts_auditevent e WHERE e.id = lines.id OFFSET 0) AS said
    WINDOW chain AS (ORDER BY is_ours, xact, id ROWS UNBOUNDED PRECEDING)
"""  # noqa: S608  # ours


@dataclass(frozen=True, slots=True)
class End:
    """Where the chain ends, and what may be sealed now: what transactions below `horizon` wrote.

    No transaction of this server has a number from `beyond` on; `reached` is that of the last line sealed.
    """

    horizon: int
    beyond: int
    place: int
    hash: bytes
    reached: int | None


def seal() -> int:
    """Seal what can be sealed, batch by batch; return how many lines that were."""
    return sum(seal_in_batches())


def seal_in_batches(*, most: int = BATCH) -> Iterator[int]:
    """Seal in transactions of their own, at most so many lines in each; give how many each has sealed."""
    while sealed := _seal_some(most):
        yield sealed
        if sealed < most:
            break


def find_end() -> End:
    """Where the chain ends now."""
    with connection.cursor() as cursor:
        cursor.execute(_END)
        horizon, beyond, place, digest, reached = cursor.fetchone()
    return End(horizon, beyond, place, bytes(digest), reached)


@transaction.atomic
def _seal_some(most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        end = find_end()
        which = _ALL if end.reached is None or end.reached >= end.beyond else _SINCE
        facts = {"horizon": end.horizon, "beyond": end.beyond, "reached": end.reached}
        cursor.execute(_SEAL.format(which=which), {**facts, "place": end.place, "hash": end.hash, "most": most})
        return int(cursor.rowcount)
