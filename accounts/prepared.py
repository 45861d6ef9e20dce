"""Reads on the hot path: prepared statements on Django's own connection, by psycopg directly.

Django binds parameters into the text on the client, so nothing it sends can be prepared; a statement with its
parameters apart and binary results takes a seventh of the time. Inside a transaction it sees what the ORM sees.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

Row = tuple[Any, ...]


def fetch_one(statement: str, parameters: Sequence[object]) -> Row | None:
    """The first row, or None. Raises django.db.Error where the database cannot be asked."""
    return _run(statement, parameters).fetchone()


def fetch_all(statement: str, parameters: Sequence[object]) -> list[Row]:
    """Every row. Raises django.db.Error where the database cannot be asked."""
    return _run(statement, parameters).fetchall()


def _run(statement: str, parameters: Sequence[object]) -> psycopg.Cursor[Row]:
    wrapper = connections[DEFAULT_DB_ALIAS]
    try:
        return _execute(wrapper, statement, parameters)
    except OperationalError:
        if wrapper.in_atomic_block or wrapper.is_usable():
            raise
        wrapper.close()  # the server was restarted behind a kept connection: ask over a fresh one, once
        return _execute(wrapper, statement, parameters)


def _execute(wrapper: BaseDatabaseWrapper, statement: str, parameters: Sequence[object]) -> psycopg.Cursor[Row]:
    if wrapper.connection is None:
        wrapper.ensure_connection()
    try:
        cursor = psycopg.Cursor[Row](wrapper.connection)
        return cursor.execute(statement, parameters, prepare=True, binary=True)
    except psycopg.Error:
        with wrapper.wrap_database_errors:  # as Django's own errors; entered only now, it costs as much as a cursor
            raise
