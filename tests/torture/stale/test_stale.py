"""The short form of the torture: nothing is accepted after its end, and a planted fault is found."""

import secrets

import pytest

from tests.torture.doors import NAMES
from tests.torture.ends import WAYS
from tests.torture.stage import open_stage
from tests.torture.stale.harness import PLANTED, Plan, torture
from tests.torture.stale.judging import Verdict

SHORT = Plan(secrets.randbelow(10**6), calm=8, without_redis=5, without_postgres=2, enough=2000, enough_away=200)


def test_nothing_is_accepted_after_its_end_and_nothing_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    with open_stage() as stage:
        result = torture(stage, SHORT)
    with capsys.disabled():
        print(f"\n{result}")
    assert result.wrong == {}
    assert set(result.ends) == set(WAYS)
    assert all(result.counts[f"{name}/after end"] > 100 for name in NAMES)
    assert all(result.counts[f"{name}/{Verdict.RIGHT}"] > 100 for name in NAMES)
    assert result.while_down > 100


def test_a_planted_cache_of_50_ms_and_a_planted_guess_are_found() -> None:
    with open_stage(PLANTED) as stage:
        plan = Plan(SHORT.seed, calm=300, without_redis=0, without_postgres=1, enough_away=200, checks=10**9)
        result = torture(stage, plan)
    assert {Verdict.STALE, Verdict.GUESSED} <= set(result.wrong), result
