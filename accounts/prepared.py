"""Reads on the hot path: prepared statements on Django's own connection, by libpq directly.

Django binds parameters into the text on the client, so nothing it sends can be prepared; a statement with its
parameters apart and binary results takes a seventh of the time, and half of what is left is psycopg's cursor. Inside a
transaction that cursor is used, since it knows what a transaction needs: there a read sees what the ORM sees.
"""

from collections.abc import Sequence
from itertools import count
from typing import Any, cast
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, Format

Row = tuple[Any, ...]
Connection = psycopg.Connection[Row]
# By connection: the names of its prepared statements, by text and types of the parameters. No name is used twice.
_names: WeakKeyDictionary[Connection, dict[tuple[str, tuple[int, ...]], bytes]] = WeakKeyDictionary()
_numbers = count()
# psycopg sends DEALLOCATE ALL after a ROLLBACK; a migration changes what a statement returns.
_OUTDATED = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.FeatureNotSupported)


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


def _fetch(wrapper: BaseDatabaseWrapper, statement: str, parameters: Sequence[object]) -> list[Row]:
    if wrapper.connection is None:
        wrapper.ensure_connection()
    connection: Connection = wrapper.connection
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
    try:
        return _ask(connection, statement, parameters)
    except _OUTDATED:
        _names.pop(connection, None)
        return _ask(connection, statement, parameters)


def _ask(connection: Connection, statement: str, parameters: Sequence[object]) -> list[Row]:
    """Run a prepared statement outside of any transaction."""
    adapter = Transformer(connection)
    values = cast("list[bytes]", adapter.dump_sequence(parameters, [PyFormat.BINARY] * len(parameters)))
    name = _name(connection, statement, adapter.types or ())
    result = connection.pgconn.exec_prepared(name, values, adapter.formats, Format.BINARY)
    _require(connection, result, ExecStatus.TUPLES_OK)
    adapter.set_pgresult(result)
    return adapter.load_rows(0, result.ntuples, tuple)


def _name(connection: Connection, statement: str, types: tuple[int, ...]) -> bytes:
    """The name of a statement on this connection, where it is prepared if it is not yet."""
    names = _names.setdefault(connection, {})
    name = names.get((statement, types))
    if name is None:
        name = f"read_{next(_numbers)}".encode()
        first, *rest = statement.split("%s")
        numbered = first + "".join(f"${number}{text}" for number, text in enumerate(rest, 1))
        _require(connection, connection.pgconn.prepare(name, numbered.encode(), types), ExecStatus.COMMAND_OK)
        names[statement, types] = name
    return name


def _require(connection: Connection, result: psycopg.pq.abc.PGresult, status: ExecStatus) -> None:
    """Raise what psycopg would raise unless the result is as it should be."""
    if result.status == status:
        return
    if connection.pgconn.status == ConnStatus.BAD:
        raise psycopg.OperationalError(connection.pgconn.get_error_message())
    raise psycopg.errors.error_from_result(result)
