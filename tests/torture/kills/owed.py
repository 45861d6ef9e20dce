"""What is left in the end: nothing may be owed for ever, and the trail tells of everything that is there."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import redis

from tests.torture.kills.deeds import Deed, Line, Row, find_uncounted, find_unlike
from tests.torture.kills.stage import Stage
from tokenportal.embedded import REPOSITORY

PATIENCE, GLANCE = 240.0, 0.5
USES, QUEUE = "tokenportal:usage", "celery"  # lists in Redis
_OWED = {
    "mails": "SELECT count(*) FROM tokens_notice WHERE sent_at IS NULL AND withheld_at IS NULL",
    "changes of settings": "SELECT count(*) FROM policies_plannedchange WHERE stage IN ('waiting', 'applying')",
    "acts on many tokens": "SELECT count(*) FROM tokens_bulkact WHERE finished_at IS NULL",
    "lines without a seal": """
        SELECT count(*) FROM accounts_auditevent e
        WHERE NOT EXISTS (SELECT FROM accounts_auditseal s WHERE s.line = e.id)""",
    "locks": "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted",
}
_LINES = "SELECT action, subject_id, after, request_id FROM accounts_auditevent ORDER BY id"
_FACTS = ("purpose", "state", "expires_at", "scopes", "lookup_id")
_ROWS = "SELECT id, purpose, state, expires_at, scopes, lookup_id FROM tokens_accesstoken"


def owed(stage: Stage) -> dict[str, int]:
    """How much of what is still to be done; empty where there is nothing."""
    with psycopg.connect(stage.postgres.url) as database, redis.Redis.from_url(stage.redis.url) as client:
        counts = {what: database.execute(query).fetchone()[0] for what, query in _OWED.items()}  # type: ignore[index]
        counts |= {"uses": client.llen(USES), "jobs": client.llen(QUEUE)}
    return {what: count for what, count in counts.items() if count}


def wait_until_nothing(stage: Stage) -> Iterator[str]:
    """Give the jobs time to come to an end; what is left then is stuck."""
    deadline = time.monotonic() + PATIENCE
    while left := owed(stage):
        if time.monotonic() > deadline:
            yield f"still owed after {PATIENCE:.0f} s: {left}"
            return
        stage.tend()
        time.sleep(GLANCE)


def read_trail(stage: Stage, deeds: list[Deed]) -> Iterator[str]:
    """Compare what the clients did, the trail and the tokens; and have the chain over the trail verified."""
    with psycopg.connect(stage.postgres.url) as database:
        lines = [Line(*row) for row in database.execute(_LINES)]
        rows = [Row(pk, dict(zip(_FACTS, facts, strict=True))) for pk, *facts in database.execute(_ROWS)]
    yield from find_uncounted(deeds, lines)
    yield from find_unlike(rows, lines)
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "manage.py"), "verify_audit", "--json"],
        env=stage.web.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout) if done.stdout else {}
    if done.returncode or not found.get("whole") or found["lines"] != len(lines):
        yield f"the trail of {len(lines)} lines is not whole: {done.stdout[:500]} {done.stderr[-500:]}"


def count_mails(stage: Stage) -> Iterator[str]:
    """Each mail that is called sent came in, under a name of its own."""
    with psycopg.connect(stage.postgres.url) as database:
        [sent] = database.execute("SELECT count(*) FROM tokens_notice WHERE sent_at IS NOT NULL").fetchone() or [0]
    if sent != (came := len(set(stage.mails))):
        yield f"{sent} mails are called sent, {came} came in"
