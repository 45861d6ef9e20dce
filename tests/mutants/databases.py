"""A plugin of pytest: each process that mutmut forks takes a database that nobody has, made like MUTANTS_TEMPLATE.

It is taken again by a later process if nothing was left in it: each of its tests rolled back. A process that ends
in the midst of a test leaves it to be made anew.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connections
from psycopg import sql
from pytest_django import DjangoDbBlocker

from tests.portal import name_anew
from tokenportal.embedded import data_directory, locks


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Take the place of the fixture by which pytest-django makes and migrates one."""
    with taken(os.environ["MUTANTS_TEMPLATE"]) as name:
        connections["default"].settings_dict["NAME"] = name
        yield
        with django_db_blocker.unblock():
            connections.close_all()


@contextmanager
def taken(template: str) -> Iterator[str]:
    """Give the name of a database that is like the template, until the end of the block."""
    place, lock = _free_place(template)
    clean, name = place.with_suffix(".clean"), place.name
    if not clean.exists():
        _make(name, template)
    clean.unlink(missing_ok=True)
    yield name
    clean.touch()
    lock.release()


def _free_place(template: str) -> tuple[Path, locks.Lock]:
    for number in count(1):
        place = data_directory() / f"{template}_{number}"
        if lock := locks.find_free(place.with_suffix(".lock")):
            return place, lock
    raise AssertionError("there is always one more")


def forget(template: str) -> None:
    """Drop what was made like this template."""
    for place in data_directory().glob(f"{template}_*.lock"):
        _command(_DROP, place.stem)
        place.unlink()
        place.with_suffix(".clean").unlink(missing_ok=True)


_DROP = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")


def _make(name: str, template: str) -> None:
    _command(_DROP, name)
    _command(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
    name_anew(_url(name))


def _command(words: sql.SQL, *names: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(words.format(*map(sql.Identifier, names)))


def _url(name: str) -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
