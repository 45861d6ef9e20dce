"""Workers that are killed with SIGKILL at any moment mail each notice once; a harness that could not see it is seen."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.portal import fresh_database
from tests.web import Web

RUNS = 5


@pytest.fixture(scope="module")
def web(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A database of its own."""
    with fresh_database(migrated) as database:
        web = Web(0, database, os.environ["REDIS_URL"], tmp_path_factory.mktemp("mails") / "log")
        yield web


def mailed(web: Web, *arguments: str) -> dict[str, Any]:
    """What comes of it; where a test fails it tells the seed too."""
    size = ("--notices=600", "--kills=30", "--seconds=3")
    told: dict[str, Any] = web.ask_module("tests.torture.notices.killing", *size, *arguments)
    return told


def test_each_notice_is_in_its_mailbox_once_however_many_workers_die(web: Web) -> None:
    told = mailed(web)
    assert told["kills"] >= 15, told
    assert (told["twice"], told["missing"]) == ([], []), told
    assert told["came"] == 600 + told["repeated"], told
    assert told["repeated"] <= told["kills"], told
    assert told["tried_again"] > 5, told


def is_found(web: Web, fault: str, *, where: str) -> bool:
    """Whether a fault is seen: that a worker dies in the moment which shows it is chance, so it has some runs."""
    return any(mailed(web, f"--plant={fault}")[where] for _run in range(RUNS))


def test_a_mail_that_is_named_anew_each_time_is_found_twice(web: Web) -> None:
    assert is_found(web, "names", where="twice")


def test_a_mail_that_is_marked_before_the_server_has_it_is_missed(web: Web) -> None:
    assert is_found(web, "marks", where="missing")
