"""What the parts of one import share."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.audit import record_written
from accounts.models import User
from accounts.sis.report import Report
from accounts.sis.staging import Stage

SLICE = 20_000  # staged rows that one statement writes


@dataclass
class Run:
    """One import: who runs it and when, its stage and report, and the people whose roles it changed."""

    stage: Stage
    report: Report
    actor: User | None
    now: datetime
    wrote: Callable[[int], None]  # called with about how many rows a slice has written
    told: set[int] = field(default_factory=set)

    def write(self, action: str, statement: str, params: Mapping[str, Any] | None = None) -> list[int]:
        """Run a statement with its lines in the trail, see `record_written`; return the persons' ids."""
        written = record_written(action, statement, params or {}, actor=self.actor, now=self.now)
        return [person_id for person_id in written if person_id is not None]

    def refuse(self, query: str) -> int:
        """Report the rows of a query (or of a statement's RETURNING) of file, line and reason; return how many."""
        refused = list(rows(query))
        for file, line, reason in sorted(refused):
            self.stage.problem_at(file, line, reason)
        return len(refused)

    def slices(self, table: str) -> Iterator[dict[str, int]]:
        """Give `n` from `low` to `high`, piece by piece, over all rows of a table."""
        [(least, most)] = rows(f"SELECT min(n), max(n) FROM {table}")  # noqa: S608  # a table of ours
        for low in range(least or 0, (most if most is not None else -1) + 1, SLICE):
            yield {"low": low, "high": low + SLICE - 1}

    def count(self, table: str) -> None:
        """Count what is to become of the rows of a table, by their column `change`."""
        changes = rows(f"SELECT file, change, count(*) FROM {table} GROUP BY file, change")  # noqa: S608  # ours
        for file, change, number in changes:
            counts = self.report.of(self.stage.of(file))
            counts.created += number * (change == "new")
            counts.updated += number * (change == "update")
            counts.ended += number * (change == "end")
            counts.repeated += number * (change == "repeat")


def rows(query: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        yield from cursor.fetchall()


def execute(statements: str) -> None:
    """Run statements that tell nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statements)
