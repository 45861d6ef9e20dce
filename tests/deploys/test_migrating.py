"""Migrations keep nobody waiting, two at once take turns, and the code before each goes on working."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.deploys.test_stopping import wait_for
from tests.portal import START_SECONDS, fresh_database, fresh_redis
from tests.web import Web
from tokenportal.embedded import REPOSITORY
from tokenportal.management.commands.migrate import _LOCK

MANAGE = str(REPOSITORY / "manage.py")


class Migrating:
    """A `manage.py migrate` in a process of its own."""

    def __init__(self, web: Web, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, MANAGE, "migrate", *arguments],
            env=web.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""

    def wait_for(self, words: str) -> None:
        """Read what it says until it has said that."""
        assert self.process.stderr
        while words not in self.said:
            line = self.process.stderr.readline()
            assert line, f"it ended, having said: {self.said}"
            self.said += line

    def end(self) -> int:
        """Let it end; its exit code."""
        self.said += self.process.communicate(timeout=START_SECONDS)[1]
        return self.process.returncode


Start = Callable[..., Migrating]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give a way to start one over a database."""
    started: list[Migrating] = []

    def begin(url: str, *arguments: str) -> Migrating:
        more = {"TOKENPORTAL_DATA": str(tmp_path)}
        started.append(Migrating(Web(0, url, fresh_redis(), tmp_path / "log", more=more), *arguments))
        return started[-1]

    yield begin
    for one in started:
        one.process.kill()
        one.process.communicate()


@contextmanager
def held(url: str, statement: str) -> Iterator[None]:
    """Keep what a statement holds until the end of the block."""
    with psycopg.connect(url) as connection:
        connection.execute(statement)
        yield
        connection.rollback()


READING = "SELECT count(*) FROM django_session"  # in a transaction that does not end


def count(url: str, what: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {what}".encode()).fetchone()
    assert row
    return int(row[0])


def applied(url: str) -> int:
    return count(url, "django_migrations WHERE app = 'sessions'")


def test_a_migration_that_meets_a_long_query_lets_go_and_tries_again(migrated: str, start: Start) -> None:
    with fresh_database(migrated) as url:
        with held(url, READING):
            migrating = start(url, "sessions", "zero", "--lock-timeout=0.2")
            migrating.wait_for("It tries again")
            with psycopg.connect(url, options="-c lock_timeout=1000") as visitor:
                visitor.execute(READING)  # nobody waits behind it while it rests
            assert applied(url) == 1
        assert migrating.end() == 0, migrating.said
        assert applied(url) == 0


def test_one_that_never_gets_what_it_needs_says_what_to_do_and_changes_nothing(migrated: str, start: Start) -> None:
    with fresh_database(migrated) as url:
        with held(url, READING):
            migrating = start(url, "sessions", "zero", "--lock-timeout=0.1", "--attempts=2")
            assert migrating.end() == 1
        assert "pg_cancel_backend" in migrating.said
        assert "2 attempts were too few" in migrating.said
        assert applied(url) == 1


def test_a_statement_that_takes_too_long_is_undone_and_says_how_to_give_it_more(migrated: str, start: Start) -> None:
    with fresh_database(migrated) as url:
        with held(url, READING):
            migrating = start(url, "sessions", "zero", "--lock-timeout=0", "--statement-timeout=0.5")
            assert migrating.end() == 1
        assert "--statement-timeout 3600" in migrating.said
        assert applied(url) == 1


def test_the_second_of_two_waits_for_the_first(migrated: str, start: Start) -> None:
    with fresh_database(migrated) as url:
        with held(url, f"SELECT pg_advisory_lock({_LOCK})"):
            second = start(url, "sessions", "zero")
            second.wait_for("Another migrate is at work")
            assert applied(url) == 1
        assert second.end() == 0, second.said
        assert applied(url) == 0


def test_two_at_once_both_end_well(migrated: str, start: Start) -> None:
    with fresh_database(migrated) as url:
        with held(url, READING):  # both are there before either can begin
            both = [start(url, "sessions", "zero", "--lock-timeout=0") for _ in range(2)]
            wait_for(lambda: count(url, "pg_locks WHERE NOT granted") == 2)
        assert [one.end() for one in both] == [0, 0], [one.said for one in both]
        assert applied(url) == 0
