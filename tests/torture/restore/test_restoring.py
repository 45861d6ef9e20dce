"""The short form: real backups of a real server are restored under a running portal, and nothing comes back to life."""

import secrets
from collections.abc import Iterator

import pytest

from tests.torture.ends import WAYS
from tests.torture.restore.harness import Fault, Plan, torture
from tests.torture.restore.ways import BY_VERB
from tests.torture.stage import Stage, open_stage
from tests.web import APPLICATION

SEED = secrets.randbelow(10**6)
OPEN_DOORS = "tests.torture.restore.planted:application"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Servers that all trials share; each has people of its own, and restores backups of its own."""
    with open_stage() as opened:
        yield opened


def test_nothing_comes_back_to_life_with_a_backup(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    result = torture(stage, Plan(SEED, rounds=2))
    with capsys.disabled():
        print(f"\n{result}")
    assert not result.wrong, result
    assert result.checks["closed"] > 50
    assert result.checks["meanwhile"] > 5


def test_the_harness_knows_every_way_in_which_the_verbs_end_a_token() -> None:
    assert set(BY_VERB) == set(WAYS)


def test_doors_that_believe_a_restored_database_are_found(stage: Stage) -> None:
    stage.web.stop()
    stage.web.application = OPEN_DOORS
    stage.web.start()
    try:
        result = torture(stage, Plan(SEED, rounds=1))
    finally:
        stage.web.stop()
        stage.web.application = APPLICATION
        stage.web.start()
    assert any("open: ended" in wrong for wrong in result.wrong), result


def test_a_journal_that_is_lost_with_the_database_is_found(stage: Stage) -> None:
    result = torture(stage, Plan(SEED, rounds=1, fault=Fault.NO_JOURNAL))
    assert any("says yes: ended" in wrong for wrong in result.wrong), result
