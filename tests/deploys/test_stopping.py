"""A stop in good order: what is being answered is answered, what is being done is done, what waits is not lost."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.portal import START_SECONDS, STOP_SECONDS, free_port, fresh_database, fresh_redis
from tests.web import Web
from tokenportal.embedded import REPOSITORY
from tokens import secrets
from tokens.tasks.ends import expire_tokens


@pytest.fixture
def web(migrated: str, tmp_path: Path) -> Iterator[Web]:
    """Give a portal over a database of its own, whose web server does not run yet."""
    with fresh_database(migrated) as url:
        web = Web(free_port(), url, fresh_redis(), tmp_path / "log", more={"TOKENPORTAL_DATA": str(tmp_path)})
        yield web
        web.stop()


@contextmanager
def held(database_url: str, table: str) -> Iterator[Callable[[], bool]]:
    """Keep everybody from a table until the end of the block; gives a way to ask whether somebody waits for it."""
    with psycopg.connect(database_url) as holder, psycopg.connect(database_url, autocommit=True) as onlooker:
        holder.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
        waiting = """SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
            WHERE NOT granted AND datname = current_database() AND relation = %s::regclass"""
        yield lambda: onlooker.execute(waiting, [table]).fetchone() is not None
        holder.rollback()


def wait_for(is_so: Callable[[], bool], seconds: float = STOP_SECONDS) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.05)


def is_closed(port: int) -> bool:
    """Whether nobody takes new connections at a port."""
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.connect()
    except ConnectionRefusedError:
        return True
    finally:
        line.close()
    return False


def check_one(port: int, codes: list[int]) -> None:
    """Ask about a token that nobody has: its row has to be looked for."""
    line = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        line.request("GET", "/verify", headers={"Authorization": f"Bearer {secrets.generate().text}"})
        codes.append(line.getresponse().status)
    finally:
        line.close()


def test_a_web_server_that_is_stopped_takes_nothing_new_and_answers_what_it_has_taken(web: Web) -> None:
    web.start()
    codes: list[int] = []
    asker = threading.Thread(target=check_one, args=(web.port, codes))
    assert web.process
    with held(web.database_url, "tokens_accesstoken") as is_waited_for:
        asker.start()
        wait_for(is_waited_for)
        web.process.send_signal(signal.SIGTERM)
        wait_for(lambda: is_closed(web.port))
        assert web.process.poll() is None
        assert codes == []
    asker.join(STOP_SECONDS)
    assert codes == [401]
    assert web.process.wait(STOP_SECONDS) == 0


@contextmanager
def worker(web: Web, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of Celery, as compose runs it."""
    options = ["--app=tokenportal", "worker", "--concurrency=1", "--without-mingle", "--without-gossip"]
    quiet = ["-W", "ignore:You're running the worker with superuser privileges"]
    command = [sys.executable, *quiet, "-m", "celery", "--quiet", *options]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=web.environment, stdout=out, stderr=out)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def send(web: Web, task: str) -> None:
    """Put a job into the queue, as beat does."""
    say = f"from tokenportal.celery import app; app.send_task('{task}')"
    subprocess.run([sys.executable, "-c", say], cwd=REPOSITORY, env=web.environment, check=True)


def states(database_url: str) -> list[str]:
    with psycopg.connect(database_url) as connection:
        return [row[0] for row in connection.execute("SELECT state FROM tokens_accesstoken ORDER BY id")]


def let_end(web: Web, number: int) -> None:
    """Let the token of that place have ended an hour ago, which no job has noted."""
    end = """UPDATE tokens_accesstoken SET expires_at = now() - interval '1 hour'
        WHERE id = (SELECT id FROM tokens_accesstoken ORDER BY id LIMIT 1 OFFSET %s)"""
    with psycopg.connect(web.database_url, autocommit=True) as connection:
        connection.execute(end, [number])


def test_a_worker_that_is_stopped_ends_its_job_and_what_waits_is_done_by_the_next(web: Web, tmp_path: Path) -> None:
    web.ask_module("tests.torture.deploys.people", "2")
    let_end(web, 0)
    with worker(web, tmp_path / "worker.log") as first:
        with held(web.database_url, "tokens_accesstoken") as is_waited_for:
            send(web, expire_tokens.name)
            wait_for(is_waited_for)
            send(web, expire_tokens.name)  # waits behind the first
            first.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                first.wait(1)
        assert first.wait(STOP_SECONDS) == 0
    assert states(web.database_url) == ["expired", "active"]
    let_end(web, 1)
    with worker(web, tmp_path / "next.log"):
        wait_for(lambda: states(web.database_url) == ["expired", "expired"])
