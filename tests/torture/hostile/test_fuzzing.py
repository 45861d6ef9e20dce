"""The short form of `make torture-parsers`: no bytes let a reader fail, and a planted fault is found."""

import platform
import sys

import pytest

from tests.torture.hostile.bending import NAMES, PLANTED, bend, bend_all
from tests.torture.hostile.targets import TARGETS

RUNS = 30_000


pytestmark = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="atheris has wheels for Linux on x86-64 only"
)


def test_no_bytes_let_a_reader_fail() -> None:
    assert set(NAMES) == set(TARGETS)
    found = bend_all(NAMES, runs=RUNS, seed=2711)
    assert [each.failure for each in found] == [""] * len(NAMES)
    assert min(each.runs for each in found) >= RUNS
    assert sum(each.reached for each in found) > 200


def test_a_fault_behind_three_bytes_is_found() -> None:
    assert "AssertionError" in bend(PLANTED, runs=1_000_000, seed=2711).failure
