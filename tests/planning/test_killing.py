"""A worker that is killed with SIGKILL at any moment leaves a change that the next one carries out, nothing twice."""

import os
import random
from pathlib import Path

from tests.portal import fresh_database
from tests.web import Web


def test_a_worker_killed_again_and_again_does_all_of_it_once(migrated: str, tmp_path: Path) -> None:
    seed = random.randrange(10**6)  # noqa: S311  # named where it fails
    with fresh_database(migrated) as database:
        web = Web(0, database, os.environ["REDIS_URL"], tmp_path / "web.log")
        said = web.ask_module("tests.planning.killing", f"--seed={seed}")
    told = f"--seed={seed}: {said}"
    assert said["kills"] > 15, told
    assert said["points"] > 5, told
    assert said["previewed"] > 1000, told
    assert {said[name] for name in ("previewed", "counted", "lines", "with_a_line")} == {said["previewed"]}, told
    assert (said["wrong_ends"], said["told_twice"]) == ([], []), told
    assert said["told"] == said["owners"] > 200, told
    assert said["finished"] == 1, told
