"""How the trail stands: up to where it is sealed, and what the last verification found, which is a line of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.audit import record
from accounts.chain.heads import Head
from accounts.chain.verifying import Finding, verify

NAMED = 20  # findings that the line of a verification keeps
# The sum keeps PostgreSQL from going back through all lines for the last of these few.
_STATE = """
    SELECT s.place, e.at, v.at, (v.after ->> 'problems')::int
    FROM (SELECT) AS nothing
    LEFT JOIN (SELECT place, line FROM accounts_auditseal ORDER BY place DESC LIMIT 1) s ON TRUE
    LEFT JOIN accounts_auditevent e ON e.id = s.line
    LEFT JOIN (
        SELECT at, after FROM accounts_auditevent
        WHERE action = 'audit.verify' ORDER BY id + 0 DESC LIMIT 1
    ) v ON TRUE
"""


@dataclass(frozen=True, slots=True)
class State:
    """The place of the last seal and when its line was written; when the last verification was and what it found."""

    place: int | None
    sealed_to: datetime | None
    verified_at: datetime | None
    problems: int | None


def find_state() -> State:
    """Ask, in one query that costs the same however long the trail is."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        return State(*cursor.fetchone())


def check(heads: Iterable[Head], *, now: datetime) -> list[Finding]:
    """Verify the chain, and write the outcome into the trail."""
    wrong = list(verify(heads))
    named = [finding.facts for finding in wrong[:NAMED]]
    record("audit.verify", actor=None, now=now, after={"problems": len(wrong), "named": named})
    return wrong
