"""The short form: nobody is refused and nobody is let in while keys are changed, and a planted fault is found."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portal import fresh_database, fresh_redis
from tests.torture.keys.harness import Plan, rotate_keys
from tests.torture.keys.town import servers
from tests.web import APPLICATION, Web

PLANTED = "tests.torture.keys.planted:application"
SEED = secrets.randbelow(10**6)


@pytest.fixture
def webs(request: pytest.FixtureRequest, migrated: str, tmp_path: Path) -> Iterator[list[Web]]:
    """Give as many web servers as asked for over one database, not started yet."""
    count, application = request.param
    with fresh_database(migrated) as url, servers(count, url, fresh_redis(), tmp_path, application) as made:
        yield made


@pytest.mark.parametrize("webs", [(2, APPLICATION)], indirect=True)
def test_nobody_is_refused_or_let_in_while_keys_are_changed(
    webs: list[Web], capsys: pytest.CaptureFixture[str]
) -> None:
    result = rotate_keys(webs, Plan(SEED, steps=("outgoing",)))
    with capsys.disabled():
        print(f"\n{result}")
    assert result.wrong == {}
    assert result.sum("later", "outgoing") == 0, "a planned rotation needs no Argon2id"
    assert all(result.sum("right", step) >= 300 for step in ("outgoing", "thrown away"))
    assert result.sum("rotated") > 10


@pytest.mark.parametrize("webs", [(1, PLANTED)], indirect=True)
def test_a_planted_guess_where_a_key_is_lost_is_found(webs: list[Web]) -> None:
    result = rotate_keys(webs, Plan(SEED, answers=10**6, steps=()))
    assert result.wrong, result
