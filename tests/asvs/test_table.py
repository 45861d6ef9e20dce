"""The table has every requirement of the first two levels once, and names nothing that is not there."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.asvs.table import PLACE, STATES, Row, missing_from, read, requirements

TEXT = PLACE.read_text()
ROWS = read(TEXT)
WANTED = {number: level for number, level in requirements().items() if level in "12"}


def test_the_list_of_requirements_is_as_long_as_the_standard() -> None:
    assert Counter(requirements().values()) == {"1": 70, "2": 183, "3": 92}


def test_every_requirement_of_the_first_two_levels_stands_once() -> None:
    assert [(row.number, row.level) for row in ROWS] == list(WANTED.items())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_what_a_row_names_is_there(row: Row) -> None:
    assert row.state in STATES
    assert list(missing_from(row)) == []


def test_the_sums_are_those_of_the_rows() -> None:
    for level in "12":
        states = Counter(row.state for row in ROWS if row.level == level)
        assert f"| level {level} | {' | '.join(str(states[state]) for state in STATES)} |" in TEXT


def test_a_test_a_file_and_a_heading_that_are_not_there_are_found() -> None:
    evidence = "`tests/asvs/test_table.py::test_nobody_wrote`, `tokens/nothing.py`, [here](security.md#nothing)"
    found = list(missing_from(replace(ROWS[0], evidence=evidence)))
    assert found == ["tests/asvs/test_table.py::test_nobody_wrote", "tokens/nothing.py", "security.md#nothing"]
