"""The short form of the kills: nothing that was acknowledged is lost, and planted faults are found."""

import re
import secrets
from typing import Any

import pytest

from tests.torture.kills.harness import Plan, torture
from tests.torture.kills.stage import Hasty, open_stage

SEED = secrets.randbelow(10**6)
PLANTED = "tests.torture.kills.planted:application"


def test_no_kill_takes_back_what_was_acknowledged(capsys: pytest.CaptureFixture[str]) -> None:
    with open_stage() as stage:
        result = torture(stage, Plan(SEED))
    with capsys.disabled():
        print(f"\n{result}")
    assert result.wrong == []
    assert sum(result.kills.values()) >= 20
    assert result.acknowledged > 160
    assert result.checks > 500


@pytest.mark.parametrize(
    ("fault", "victim", "finding"),
    [
        ({"postgres": Hasty}, "postgres", r"said|refused|in the trail"),
        ({"application": PLANTED, "planted": "trail"}, "web", "in the trail 0 times|differs from its lines"),
        ({"application": PLANTED, "planted": "keys"}, "web", "in the trail 2 times"),
    ],
)
def test_a_planted_fault_is_found(fault: dict[str, Any], victim: str, finding: str) -> None:
    with open_stage(**fault) as stage:
        result = torture(stage, Plan(SEED, kills=8, shares={victim: 1}))
    assert result.wrong
    assert any(re.search(finding, each) for each in result.wrong), result
