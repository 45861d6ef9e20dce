"""Reads on the hot path: prepared statements on Django's own connection, by libpq directly.

Django binds parameters into the text on the client, so nothing it sends can be prepared; a statement with its
parameters apart and binary results takes a seventh of the time, and half of what is left is psycopg's cursor. Inside a
transaction that cursor is used, since it knows what a transaction needs: there a read sees what the ORM sees.
"""

import threading
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, Format

Row = tuple[Any, ...]
Connection = psycopg.Connection[Row]
_numbers = count()  # of prepared statements; no name is used twice
# psycopg sends DEALLOCATE ALL after a ROLLBACK; a migration changes what a statement returns.
_OUTDATED = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.FeatureNotSupported)


class _Kept:
    """What is kept of one connection: psycopg's translator of values, and what is prepared there.

    A new translator for each read would look for the right adapters each time, at a tenth of the read's cost.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.adapter = Transformer(connection)
        self.names: dict[tuple[str, tuple[int, ...]], bytes] = {}  # by text and types of the parameters


class _Here(threading.local):
    """Django keeps one connection a thread."""

    kept: _Kept | None = None
    asked: Connection | None = None


_here = _Here()


def asked() -> object:
    """The connection over which this thread has read last; it is compared, not used."""
    return _here.asked


def fetch_one(statement: str, parameters: Sequence[object]) -> Row | None:
    """The first row, or None. Raises django.db.Error where the database cannot be asked."""
    rows = fetch_all(statement, parameters)
    return rows[0] if rows else None


def fetch_all(statement: str, parameters: Sequence[object]) -> list[Row]:
    """Every row. `%s` stands for each parameter. Raises django.db.Error where the database cannot be asked."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    try:
        return _fetch(wrapper, statement, parameters)
    except OperationalError:
        if wrapper.in_atomic_block or wrapper.is_usable():
            raise
        wrapper.close()  # the server was restarted behind a kept connection: ask over a fresh one, once
        return _fetch(wrapper, statement, parameters)


def fetch_both(one: str, other: str, parameters: Sequence[object], *, width: int) -> tuple[Row | None, Row | None]:
    """The rows of two statements that give one or none, for one way to the database: it costs more than they do.

    `width` is how many columns the first one has. Of both, the first column is never NULL.
    """
    (row,) = fetch_all(_side_by_side(one, other), parameters)
    left, right = row[:width], row[width:]
    return None if left[0] is None else left, None if right[0] is None else right


@cache
def _side_by_side(one: str, other: str) -> str:
    joined = f"LEFT JOIN ({one}) AS one ON TRUE LEFT JOIN ({other}) AS other ON TRUE"
    return f"SELECT * FROM (SELECT) AS nothing {joined}"  # noqa: S608  # ours


def _fetch(wrapper: BaseDatabaseWrapper, statement: str, parameters: Sequence[object]) -> list[Row]:
    if wrapper.connection is None:
        wrapper.ensure_connection()
    connection: Connection = wrapper.connection
    _here.asked = connection
    try:
        if connection.autocommit:
            return _ask_again(connection, statement, parameters)
        cursor = psycopg.Cursor[Row](connection)
        return cursor.execute(statement, parameters, prepare=True, binary=True).fetchall()
    except psycopg.Error:
        with wrapper.wrap_database_errors:  # as Django's own errors; entered only now, it costs as much as a cursor
            raise


def _ask_again(connection: Connection, statement: str, parameters: Sequence[object]) -> list[Row]:
    """Run a statement, once more where what was prepared is there no longer or fits no longer."""
    kept = _here.kept
    if kept is None or kept.connection is not connection:
        kept = _here.kept = _Kept(connection)
    try:
        return _ask(kept, statement, parameters)
    except _OUTDATED:
        kept = _here.kept = _Kept(connection)
        return _ask(kept, statement, parameters)


def _ask(kept: _Kept, statement: str, parameters: Sequence[object]) -> list[Row]:
    """Run a prepared statement outside of any transaction."""
    adapter, connection = kept.adapter, kept.connection
    values = cast("list[bytes]", adapter.dump_sequence(parameters, [PyFormat.BINARY] * len(parameters)))
    types = adapter.types or ()
    name = kept.names.get((statement, types)) or _prepare(kept, statement, types)
    result = connection.pgconn.exec_prepared(name, values, adapter.formats, Format.BINARY)
    if result.status != ExecStatus.TUPLES_OK:
        raise _error(connection, result)
    adapter.set_pgresult(result)
    return adapter.load_rows(0, result.ntuples, tuple)


def _prepare(kept: _Kept, statement: str, types: tuple[int, ...]) -> bytes:
    """Prepare a statement; its name."""
    name = f"read_{next(_numbers)}".encode()
    first, *rest = statement.split("%s")
    numbered = first + "".join(f"${number}{text}" for number, text in enumerate(rest, 1))
    result = kept.connection.pgconn.prepare(name, numbered.encode(), types)
    if result.status != ExecStatus.COMMAND_OK:
        raise _error(kept.connection, result)
    kept.names[statement, types] = name
    return name


def _error(connection: Connection, result: psycopg.pq.abc.PGresult) -> psycopg.Error:
    """What psycopg would raise.

    An error without a code is none of the server's: the connection broke, which libpq may not have noted by now.
    """
    if connection.pgconn.status == ConnStatus.BAD or not result.error_field(DiagnosticField.SQLSTATE):
        return psycopg.OperationalError(connection.pgconn.get_error_message())
    return psycopg.errors.error_from_result(result)
