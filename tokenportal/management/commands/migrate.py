"""`manage.py migrate`, as Django's, but it waits for no lock for long, and two at once take turns.

Whoever waits for a lock on a table makes everybody wait who comes behind. So a migration that meets a long query lets
go, is undone, and is tried again.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.utils import CursorWrapper
from psycopg import errors

_LOCK = 7_221_070  # an advisory lock of the database: one migrate at a time
LONGEST_REST = 30.0  # seconds between two attempts
BUSY = """Somebody holds what a migration needs, and {attempts} attempts were too few. Nothing of it was changed.
Who it may be: SELECT pid, usename, state, now() - xact_start AS since, left(query, 80) FROM pg_stat_activity
WHERE datname = current_database() AND xact_start IS NOT NULL ORDER BY since DESC;
Let them end, or end them with SELECT pg_cancel_backend(pid), and run migrate again."""
SLOW = """A statement of a migration took longer than {seconds:g} seconds and was undone. In a quiet hour, give it more:
manage.py migrate --statement-timeout 3600"""


class Command(migrate.Command):
    """Take turns, set the time-outs, and try again."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what Django's takes, and how long to wait for what."""
        super().add_arguments(parser)
        parser.add_argument("--lock-timeout", type=float, default=5.0, help="seconds to wait for a lock (default: 5)")
        parser.add_argument(
            "--statement-timeout", type=float, default=900.0, help="seconds for a statement (default: 900)"
        )
        parser.add_argument(
            "--attempts", type=int, default=10, help="how often to try where locks are held (default: 10)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate. Raises CommandError, with what to do, where locks are held or a statement takes too long."""
        limits = {"lock_timeout": options["lock_timeout"], "statement_timeout": options["statement_timeout"]}
        with self._alone(options["database"]), _limited(options["database"], limits):
            for attempt in range(1, options["attempts"] + 1):
                try:
                    super().handle(*args, **options)
                except OperationalError as error:
                    self._look_at(error, attempt, options)
                else:
                    return

    def _look_at(self, error: OperationalError, attempt: int, options: dict[str, Any]) -> None:
        """Rest before the next attempt. Raises CommandError after the last one, and what is none of ours as it is."""
        if isinstance(error.__cause__, errors.QueryCanceled):
            raise CommandError(SLOW.format(seconds=options["statement_timeout"])) from error
        if not isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
            raise error
        if attempt == options["attempts"]:
            raise CommandError(BUSY.format(attempts=attempt)) from error
        rest = min(2.0 ** (attempt - 1), LONGEST_REST)
        self.stderr.write(f"Somebody holds what a migration needs. It tries again in {rest:g} seconds.")
        time.sleep(rest)

    @contextmanager
    def _alone(self, database: str) -> Iterator[None]:
        """Wait until no other migrate is at work. The lock ends with the connection, whatever becomes of us."""
        with connections[database].cursor() as cursor:
            if not _is_true(cursor, "SELECT pg_try_advisory_lock(%s)"):
                self.stderr.write("Another migrate is at work; this one waits for it.")
                cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _is_true(cursor: CursorWrapper, question: str) -> bool:
    cursor.execute(question, [_LOCK])
    row = cursor.fetchone()
    return row is not None and bool(row[0])


@contextmanager
def _limited(database: str, seconds: dict[str, float]) -> Iterator[None]:
    """Have PostgreSQL give up after so many seconds, until the end of the block."""
    with connections[database].cursor() as cursor:
        for name, limit in seconds.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [name, f"{limit * 1000:.0f}ms"])
        try:
            yield
        finally:
            for name in seconds:
                cursor.execute(f"RESET {name}")
