"""Everybody in one school, which is put up once for all tests of a module."""

import secrets
from collections.abc import Iterator
from random import Random

import pytest
from pytest_django import DjangoDbBlocker

from tests.torture.hostile.people import People
from tests.torture.hostile.stage import standing


@pytest.fixture(scope="module")
def people(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[People]:
    with django_db_blocker.unblock(), standing() as everybody:
        yield everybody


@pytest.fixture
def by_chance(capsys: pytest.CaptureFixture[str]) -> Random:
    """Another choice each time; its seed is in the output of a test that fails."""
    seed = secrets.randbelow(10**6)
    print(f"seed {seed}")
    return Random(seed)
