"""The short form of the races: no order of two acts does what neither of both orders may, and planted faults are found.

All run in one process beside the tests', which has the threads and the commits.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.portal import fresh_database
from tests.torture.races import database_of_redis
from tests.web import Web

TRIALS = 8


@pytest.fixture(scope="module")
def raced(migrated: str) -> Iterator[dict[str, Any]]:
    """What came of it; where a test fails it tells the seed too."""
    with fresh_database(migrated) as database:
        web = Web(0, database, database_of_redis(), Path(os.devnull))
        yield web.ask_module("tests.torture.races.running", f"--trials={TRIALS}", "--faults")


def test_no_order_of_two_acts_does_what_may_not_be(raced: dict[str, Any]) -> None:
    wrong = {name: found["violations"] for name, found in raced["races"].items() if found["violations"]}
    assert wrong == {}, raced["seed"]
    assert len(raced["races"]) > 50


def test_the_acts_really_overlap(raced: dict[str, Any]) -> None:
    seldom = {name: found["overlapped"] for name, found in raced["races"].items() if found["overlapped"] < TRIALS / 4}
    assert seldom == {}, raced["seed"]
    assert sum(found["overlapped"] for found in raced["races"].values()) > len(raced["races"]) * TRIALS / 2
    assert sum(found["waited"] for found in raced["races"].values()) > len(raced["races"])


def test_each_planted_fault_is_found(raced: dict[str, Any]) -> None:
    missed = [fault for fault, found in raced["faults"].items() if not found["violations"]]
    assert missed == [], raced["seed"]
    assert len(raced["faults"]) >= 11
