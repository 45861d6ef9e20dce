"""Reads on the hot path: prepared statements on Django's own connection, by psycopg directly.

Django binds parameters into the text on the client, so nothing it sends can be prepared; a statement with its
parameters apart and binary results takes a seventh of the time. Inside a transaction it sees what the ORM sees.
"""

from collections.abc import Sequence
from typing import Any, cast

import psycopg
from django.db import OperationalError, connection

Row = tuple[Any, ...]


def fetch_one(statement: str, parameters: Sequence[object]) -> Row | None:
    """The first row, or None. Raises django.db.Error where the database cannot be asked."""
    return _run(statement, parameters).fetchone()


def fetch_all(statement: str, parameters: Sequence[object]) -> list[Row]:
    """Every row. Raises django.db.Error where the database cannot be asked."""
    return _run(statement, parameters).fetchall()


def _run(statement: str, parameters: Sequence[object]) -> psycopg.Cursor[Row]:
    try:
        return _execute(statement, parameters)
    except OperationalError:
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()  # the server was restarted behind a kept connection: ask over a fresh one, once
        return _execute(statement, parameters)


def _execute(statement: str, parameters: Sequence[object]) -> psycopg.Cursor[Row]:
    connection.ensure_connection()
    cursor = psycopg.Cursor[Row](cast("psycopg.Connection[Row]", connection.connection))
    with connection.wrap_database_errors:
        return cursor.execute(statement, parameters, prepare=True, binary=True)
