"""The short form of `make torture-parsers`: no bytes let a reader fail, and a planted fault is found."""

import importlib.util
import os

import pytest

from tests.hostile.bending import NAMES, PLANTED, bend, bend_all
from tests.hostile.targets import TARGETS

RUNS = 30_000


@pytest.fixture(autouse=True)
def _with_atheris() -> None:
    """There are wheels of it for Linux on x86-64 only; CI has to have it."""
    if importlib.util.find_spec("atheris") is None and os.environ.get("CI") != "true":
        pytest.skip("atheris is not there for this machine")


def test_no_bytes_let_a_reader_fail() -> None:
    assert set(NAMES) == set(TARGETS)
    found = bend_all(NAMES, runs=RUNS, seed=2711)
    assert [each.failure for each in found] == [""] * len(NAMES)
    assert min(each.runs for each in found) >= RUNS
    assert sum(each.reached for each in found) > 200


def test_a_fault_behind_three_bytes_is_found() -> None:
    assert "AssertionError" in bend(PLANTED, runs=1_000_000, seed=2711).failure
