"""The short form of the headers: some of all bytes at all places, and every header that no such change comes to."""

from itertools import islice
from random import Random

import pytest

from tests.torture.hostile.doors import doors, wrong_at
from tests.torture.hostile.headers import Credential, changed, count
from tests.torture.hostile.people import People
from tests.torture.hostile.planted import lenient, shouting
from tokenportal.wsgi import application

pytestmark = pytest.mark.django_db
# One of so many headers is taken; those of /verify cost a twentieth of those of the API.
STEPS = {"verify": 5, "introspect": 13, "batch": 31, "field": 13, "api": 41}


@pytest.fixture
def _django_db_helper(people: People) -> None:
    """In place of pytest-django's, which would close the connection, and with it the school, after each test."""


@pytest.mark.parametrize("name", STEPS)
def test_a_header_with_another_byte_lets_nobody_in(people: People, by_chance: Random, name: str) -> None:
    door, step = doors(people)[name], STEPS[name]
    some = islice(changed(door.good), by_chance.randrange(step), None, step)
    assert list(wrong_at(application, door, some, people.secrets)) == []


@pytest.mark.parametrize("name", STEPS)
def test_a_header_that_is_odd_as_a_whole_lets_nobody_in(people: People, name: str) -> None:
    door = doors(people)[name]
    assert list(wrong_at(application, door, door.good.whole, people.secrets)) == []


@pytest.mark.parametrize("name", STEPS)
def test_the_same_credential_is_let_in_however_it_is_written(people: People, name: str) -> None:
    door = doors(people)[name]
    same = [each for each in changed(door.good) if door.good.is_in(each)]
    assert len(same) > 2 * len(door.good.scheme)
    assert list(wrong_at(application, door, same, people.secrets)) == []


def test_a_planted_leniency_is_found(people: People) -> None:
    door = doors(people)["verify"]
    [words] = {words.partition(" of ")[2] for words in wrong_at(lenient, door, tabulated(door.good), people.secrets)}
    assert words == f"{len(door.good.header)} bytes: answered with 200"


def tabulated(good: Credential) -> list[bytes]:
    """The headers among all that a tabulator comes into by a change."""
    return [each for each in changed(good) if b"\t" in each and len(each) == len(good.header)]


def test_a_planted_echo_of_the_credential_is_found(people: People) -> None:
    door = doors(people)["api"]
    assert any(
        "shows a secret" in words for words in wrong_at(shouting, door, [door.good.header + b"\0"], people.secrets)
    )


def test_every_byte_at_every_place_is_tried() -> None:
    good = Credential(b"Bearer", b"ab")
    headers = list(changed(good))
    assert len(headers) == count(good)
    assert {bytes([byte]) + good.header for byte in range(256)} <= set(headers)
    assert {good.header[:-1] + bytes([byte]) for byte in range(256)} <= set(headers)
