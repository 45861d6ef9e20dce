"""Prepared reads outside of transactions: what PostgreSQL or psycopg may do to a prepared statement behind our back."""

import os
import socket

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg.pq import ConnStatus, ExecStatus

from accounts import prepared
from accounts.prepared import fetch_all, fetch_one

ADD = "SELECT %s::int + %s::int"


@pytest.fixture(autouse=True)
def _outside_of_transactions(transactional_db: None) -> None:
    """A connection in autocommit, as web processes have it."""


def prepared_texts() -> list[str]:
    """What the server holds prepared for this connection."""
    return [row[0] for row in fetch_all("SELECT statement FROM pg_prepared_statements", [])]


def test_a_read_is_prepared_once_and_gives_python_values() -> None:
    assert [fetch_one(ADD, [1, n]) for n in (1, 2)] == [(2,), (3,)]
    assert fetch_all("SELECT n, 'é' || n FROM generate_series(1, %s) n", [2]) == [(1, "é1"), (2, "é2")]
    assert fetch_one("SELECT 1 WHERE %s::bool", [False]) is None
    assert prepared_texts().count("SELECT $1::int + $2::int") == 1


def test_a_rollback_takes_prepared_statements_away_and_nobody_notices() -> None:
    assert fetch_one(ADD, [1, 1]) == (2,)
    with transaction.atomic():
        fetch_one(ADD, [1, 1])  # by psycopg, which forgets what it prepared with DEALLOCATE ALL
        transaction.set_rollback(True)
    assert prepared_texts() == ["SELECT statement FROM pg_prepared_statements"]
    assert fetch_one(ADD, [1, 2]) == (3,)


def test_a_column_changes_its_type_under_a_prepared_statement() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE changing AS SELECT 7 AS n")
        assert fetch_one("SELECT n FROM changing", []) == (7,)
        cursor.execute("ALTER TABLE changing ALTER n TYPE text")
        assert fetch_one("SELECT n FROM changing", []) == ("7",)
        cursor.execute("DROP TABLE changing")


def test_a_connection_that_the_server_closed_is_replaced() -> None:
    row = fetch_one("SELECT pg_backend_pid()", [])
    assert row is not None
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", row)
    assert fetch_one(ADD, [2, 2]) == (4,)


def test_a_connection_that_broke_without_a_word_is_replaced() -> None:
    """As where PostgreSQL is killed: no backend says why, and libpq alone tells that it is gone."""
    assert fetch_one(ADD, [1, 1]) == (2,)
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
    assert fetch_one(ADD, [2, 2]) == (4,)


def test_a_read_that_takes_too_long_is_given_up_and_not_asked_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY SEQUENCE asked")  # it counts on where a statement fails
        cursor.execute("SET statement_timeout = 50")
        with pytest.raises(OperationalError, match="statement timeout"):
            fetch_one("SELECT nextval('asked'), pg_sleep(%s)", [600])
        cursor.execute("RESET statement_timeout")
        assert fetch_one("SELECT last_value FROM asked", []) == (1,)
        cursor.execute("DROP SEQUENCE asked")


def test_an_error_without_a_code_is_the_connections() -> None:
    """After a crash of PostgreSQL libpq reports a connection as broken that it still calls good."""
    connection.ensure_connection()
    unsaid = connection.connection.pgconn.make_empty_result(ExecStatus.FATAL_ERROR)
    assert connection.connection.pgconn.status == ConnStatus.OK
    assert isinstance(vars(prepared)["_error"](connection.connection, unsaid), psycopg.OperationalError)


def test_a_wrong_statement_raises_what_django_raises() -> None:
    with pytest.raises(DatabaseError, match="nowhere"):
        fetch_all("SELECT * FROM nowhere", [])
    assert fetch_one(ADD, [1, 1]) == (2,)
