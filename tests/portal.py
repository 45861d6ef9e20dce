"""A real portal for journeys, as `make run` starts it: web, worker and beat over a database of their own."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg import sql

from tokenportal.embedded import REPOSITORY

START_SECONDS = 300
STOP_SECONDS = 120
COUNTER = 3  # the database of Redis that counts which others were taken; those before have a use that is written down
EVERY = "3"  # seconds between two runs of a job, so that a journey can wait for beat


@dataclass(frozen=True)
class Portal:
    """Where a running portal is, and what it runs on. Everybody's password is `tokenportal.demo.PASSWORD`."""

    port: int
    database_url: str
    redis_url: str
    data: Path
    log: Path

    @property
    def url(self) -> str:
        """Return the base address, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def named_url(self) -> str:
        """Return the same by a name, as PUBLIC_URL has it: passkeys are for names."""
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return what a `manage.py` command needs to work on this portal's database."""
        places = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "TOKENPORTAL_DATA": str(self.data)}
        return {**os.environ, **places, "DEBUG": "1"}

    def manage(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `manage.py` on this portal, as an administrator would in another terminal."""
        return subprocess.run(
            [sys.executable, REPOSITORY / "manage.py", *command],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def ask_module(self, name: str) -> Any:
        """Run a module of the tests on this portal's database; return the JSON it prints."""
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "tokenportal.settings"}
        done = subprocess.run(
            [sys.executable, "-m", name], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def free_port() -> int:
    """Return a port that nobody listens on, and which the kernel gives nobody who asks for any, until it is taken."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def fresh_database(like: str = "template1") -> Iterator[str]:
    """Make a database beside the tests' own, `like` another one; gives its URL, and drops it afterwards."""
    name = f"portal_{secrets.token_hex(4)}"
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(like)))
        url = urlsplit(server)._replace(path=f"/{name}").geturl()
        name_anew(url)
        yield url
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def name_anew(url: str) -> None:
    """Let a copy of a database be another one, with a journal of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT to_regclass('tokens_journalbook')").fetchone()
        if found and found[0]:
            connection.execute("UPDATE tokens_journalbook SET lineage = %s", [secrets.token_hex(16)])


def fresh_redis() -> str:
    """Return the URL of a database of the tests' Redis that nobody else has: a worker takes whatever is queued."""
    server = urlsplit(os.environ["REDIS_URL"])
    with redis.Redis.from_url(server._replace(path=f"/{COUNTER}").geturl()) as client:
        taken = int(client.incr("taken"))  # by whatever process: a harness that a test starts has portals too
        free = int(client.config_get("databases")["databases"]) - COUNTER - 1
    url = server._replace(path=f"/{COUNTER + 1 + taken % free}").geturl()
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


def find_answer(port: int) -> int | None:
    """Return the status of the sign-in page, None while nobody answers."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        try:
            connection.request("GET", "/login/")
            return connection.getresponse().status
        except (OSError, HTTPException):
            return None


@contextmanager
def running(portal: Portal) -> Iterator[subprocess.Popen[bytes]]:
    """Run `manage.py up` until the end of the block; its log is in the failure if it does not come up."""
    with portal.log.open("wb") as log:
        environment = {"EXPIRE_EVERY": EVERY, "CLAMP_EVERY": EVERY, **portal.environment, "PORT": str(portal.port)}
        process = subprocess.Popen(
            [sys.executable, REPOSITORY / "manage.py", "up"], env=environment, stdout=log, stderr=log
        )
    try:
        wait_until_ready(portal, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def wait_until_ready(portal: Portal, process: subprocess.Popen[bytes]) -> None:
    """Wait for the first page; fail with the log if the portal ends before, or is too slow."""
    deadline = time.monotonic() + START_SECONDS
    while (status := find_answer(portal.port)) != 200:
        if status or process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"The portal did not come up:\n{portal.log.read_text()}")
        time.sleep(0.1)


@contextmanager
def demo_portal(data: Path, like: str = "template1") -> Iterator[Portal]:
    """Have a portal with the demo school running until the end of the block, with its files in `data`."""
    with fresh_database(like) as database_url:
        portal = Portal(free_port(), database_url, fresh_redis(), data, data / "portal.log")
        with running(portal):
            yield portal


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Name a migrated database that others can be made like: that takes a moment, and migrating many."""
    with fresh_database() as url:
        place = tmp_path_factory.mktemp("migrated")
        done = Portal(0, url, os.environ["REDIS_URL"], place, place / "log").manage("migrate", "--verbosity=0")
        assert done.returncode == 0, done.stderr
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture(scope="session")
def running_portal(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Give a portal with the demo school, which lives as long as the tests."""
    with demo_portal(tmp_path_factory.mktemp("portal"), migrated) as portal:
        yield portal
