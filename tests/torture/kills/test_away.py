"""Each server by itself: stopped, hanging, emptied, full. What was committed is told so in time; then all is well."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from tests.torture.kills.calling import Reply, bearing, browsing
from tests.torture.kills.harness import Staff, found
from tests.torture.kills.stage import Stage, open_stage
from tests.torture.stage import stopped
from tokenportal.embedded.server import Server

BOUND = 10.0  # seconds within which everything is answered, whatever hangs
PATIENCE = 120.0
CAP = {"token_policy": {"student_cap_days": 30}}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A portal whose jobs nobody runs: what a request alone does is looked at."""
    with open_stage(jobs=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def staff(stage: Stage) -> Staff:
    return found(stage, owners=1, departments=1)


class Visitor:
    """Goes round once: the doors, the API, a page; and makes two acts of which a job is told at once."""

    def __init__(self, stage: Stage, staff: Staff) -> None:
        port = stage.web.port
        self.owner = browsing(port, "visitor-owner", staff.owners[0])
        self.ruler = browsing(port, "visitor-ruler", staff.departments[0]["admin"])
        self.student = browsing(port, "visitor-student", staff.departments[0])
        self.bearer = bearing(port, "visitor-bearer", staff.admin)
        self.policy = f"accounts/{staff.departments[0]['account']}/token_policy"
        self.slowest = 0.0

    def go_round(self) -> list[int]:
        """The statuses of a door, the API, a page and a write."""
        return [self.timed(way).status for way in (self.door, self.api, self.page, self.write)]

    def timed(self, way: Callable[[], Reply]) -> Reply:
        began = time.monotonic()
        reply = way()
        self.slowest = max(self.slowest, time.monotonic() - began)
        return reply

    def door(self) -> Reply:
        return self.bearer.get_page("/verify")

    def api(self) -> Reply:
        return self.bearer.call("GET", "users/self")

    def page(self) -> Reply:
        return self.owner.get_page("/tokens/")

    def write(self) -> Reply:
        return self.owner.call("POST", "users/self/tokens", {"token": {"purpose": "Away", "expires_at": None}})

    def act(self) -> list[int]:
        """Plan a change of which owners are told, and take it back: both queue a job."""
        self.student.call("POST", "users/self/tokens", {"token": {"purpose": "Long", "expires_at": _in_days(119)}})
        quote = self.ruler.call("POST", f"{self.policy}/preview", CAP).body["quote"]
        planned = self.timed(lambda: self.ruler.call("PUT", self.policy, {**CAP, "quote": quote}))
        return [planned.status, self.timed(lambda: self.ruler.call("DELETE", f"{self.policy}/change")).status]


def _in_days(days: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))


@pytest.fixture
def visitor(stage: Stage, staff: Staff) -> Iterator[Visitor]:
    came = Visitor(stage, staff)
    yield came
    for caller in (came.owner, came.ruler, came.student, came.bearer):
        caller.close()


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Have a server and all its processes stand still: connections stay, and nothing is answered."""
    assert server.process
    parent = psutil.Process(server.process.pid)
    everybody = [parent, *parent.children(recursive=True)]
    for each in everybody:
        each.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for each in everybody:
            each.send_signal(signal.SIGCONT)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_without_redis_everything_is_answered_and_what_was_committed_is_told_so(stage: Stage, visitor: Visitor) -> None:
    with stopped(stage.redis):
        assert visitor.go_round() == [200] * 4
        assert visitor.act() == [200, 200]
        assert visitor.bearer.get_page("/readyz").status == 503
    assert visitor.slowest < BOUND


def test_a_redis_that_hangs_holds_nobody_up(stage: Stage, visitor: Visitor) -> None:
    with frozen(stage.redis):
        assert visitor.go_round() == [200] * 4
        assert visitor.act() == [200, 200]
        assert visitor.act() == [200, 200]
        assert visitor.timed(lambda: visitor.owner.get_page("/help/")).status == 200
        assert visitor.timed(lambda: visitor.bearer.get_page("/readyz")).status == 503
    assert visitor.slowest < BOUND
    wait_until(lambda: visitor.bearer.get_page("/readyz").status == 200)


def test_an_emptied_redis_is_no_loss_to_anybody(stage: Stage, visitor: Visitor) -> None:
    with redis.Redis.from_url(stage.redis.url) as client:
        client.flushall()
    assert visitor.go_round() == [200] * 4
    assert visitor.act() == [200, 200]


def test_a_postgresql_that_hangs_is_answered_with_503_in_time_and_all_is_well_after_it(
    stage: Stage, visitor: Visitor
) -> None:
    assert visitor.go_round() == [200] * 4
    with frozen(stage.postgres):
        assert visitor.go_round() == [503] * 4
        assert visitor.slowest < 1.5 * BOUND  # on a machine that has much else to do
        assert visitor.bearer.get_page("/healthz").status == 200
    wait_until(lambda: visitor.door().status == 200)
    assert visitor.go_round() == [200] * 4


def test_after_a_restart_of_postgresql_the_first_question_is_answered(stage: Stage, visitor: Visitor) -> None:
    assert visitor.go_round() == [200] * 4
    with stopped(stage.postgres):
        assert visitor.go_round() == [503] * 4
    assert visitor.go_round() == [200] * 4


@contextmanager
def small_disk(stage: Stage, megabytes: int) -> Iterator[Path]:
    """A file system of its own, which is full soon; mounting one takes root."""
    place = stage.place / "small"
    place.mkdir()
    owner = (stage.place / "postgres").stat()
    options = f"size={megabytes}m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.skipif(os.geteuid() != 0 and "CI" not in os.environ, reason="only root mounts a small file system")
def test_a_full_disk_of_postgresql_refuses_writes_with_503_and_reads_go_on(stage: Stage, visitor: Visitor) -> None:
    with small_disk(stage, 64) as place, psycopg.connect(stage.postgres.url, autocommit=True) as database:
        database.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
        database.execute("ALTER TABLE accounts_auditevent SET TABLESPACE small")
        filler = place / "filler"
        _fill(filler)
        try:
            wait_until(lambda: visitor.write().status == 503)
            assert visitor.go_round() == [200, 200, 200, 503]
            before = _count(database)
            assert visitor.write().status == 503
            assert _count(database) == before
        finally:
            filler.unlink()
        assert visitor.go_round() == [200] * 4
        database.execute("ALTER TABLE accounts_auditevent SET TABLESPACE pg_default")
        database.execute("DROP TABLESPACE small")


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def _count(database: psycopg.Connection[tuple[int, ...]]) -> tuple[int, ...] | None:
    return database.execute(
        "SELECT (SELECT count(*) FROM tokens_accesstoken), (SELECT count(*) FROM accounts_auditevent)"
    ).fetchone()
