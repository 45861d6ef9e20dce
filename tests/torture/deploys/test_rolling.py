"""The short form: nobody notices that servers are started anew, and two planted faults are found."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.portal import fresh_database, fresh_redis
from tests.recipes.proxies import Nginx
from tests.torture.deploys.rolling import Plan, Result, roll

SEED = secrets.randbelow(10**6)
Rolling = Callable[[Plan], Result]


@pytest.fixture
def rolling(migrated: str, tmp_path: Path) -> Iterator[Rolling]:
    """Give a way to go through a plan over a database of its own."""
    Nginx.program()
    with fresh_database(migrated) as url:
        yield lambda plan: roll(tmp_path, url, fresh_redis(), plan)


def is_a_gap(result: Result) -> bool:
    """Whether somebody found nobody there: the proxy said so, and nothing else was odd."""
    return bool(result.failed) and all(": 502 " in sentence for sentence in result.failed)


def test_no_request_fails_while_servers_are_started_anew(rolling: Rolling, capsys: pytest.CaptureFixture[str]) -> None:
    result = rolling(Plan(SEED))
    with capsys.disabled():
        print(f"\n{result}")
    assert result.failed == []
    assert result.restarts == 2
    assert set(result.counts) == {"page", "sign-in page", "form", "verify", "introspect", "renewal"}


def test_servers_that_are_killed_in_place_of_stopped_are_found(rolling: Rolling) -> None:
    assert is_a_gap(rolling(Plan(SEED, rounds=5, is_put_aside=False, is_brutal=True)))


def test_a_proxy_that_asks_no_second_server_is_found(rolling: Rolling) -> None:
    assert is_a_gap(rolling(Plan(SEED, is_put_aside=False, is_deaf=True)))
