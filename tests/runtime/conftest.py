"""Processes of their own that use the embedded servers, and data directories of their own for them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from tokenportal.embedded import REPOSITORY, locks

USE = """
import os, sys
from tokenportal import embedded
try:
    with embedded.servers():
        print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], flush=True)
        sys.stdin.read()
except embedded.ServerError as error:
    sys.exit(str(error))
"""


class User:
    """Another process that uses the embedded servers until `leave` or `kill`."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE],
            cwd=REPOSITORY,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stdout
        self.said = self.process.stdout.readline().split()

    @property
    def database_url(self) -> str:
        """Return where its PostgreSQL is."""
        return self.said[0]

    @property
    def redis_url(self) -> str:
        """Return where its Redis is."""
        return self.said[1]

    def leave(self) -> str:
        """Let it end in good order; return what it complained about."""
        return self.process.communicate(timeout=60)[1]

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.communicate()


@contextmanager
def open_place(name: str = "tokenportal-test-") -> Iterator[Path]:
    """Make a directory that every user of the machine may pass through.

    pytest's own are closed again by every other run of pytest, with the servers of root, who is nobody there, inside.
    """
    with TemporaryDirectory(prefix=name, ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        yield Path(place)


@pytest.fixture
def data() -> Iterator[Path]:
    """Give a data directory that no server has seen yet."""
    with open_place() as place:
        yield place / "data"


@pytest.fixture
def environment(data: Path) -> dict[str, str]:
    """Give the environment of somebody who tries the portal over that directory."""
    names = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return {**names, "TOKENPORTAL_DATA": str(data), "DEBUG": "1"}


@pytest.fixture
def join(environment: dict[str, str]) -> Iterator[Callable[[], User]]:
    """Give a way to start users; those still there at the end of the test leave."""
    with ExitStack() as stack:

        def start() -> User:
            user = User(environment)
            stack.callback(user.process.communicate)
            return user

        yield start


def server_process(data: Path, name: str) -> psutil.Process:
    """Return the process of a server; its parent is the keeper."""
    return psutil.Process(int((data / f"{name}.alive").read_text()))


def is_stopped(data: Path, name: str) -> bool:
    """Tell whether no process of the server is left."""
    return locks.is_free(data / f"{name}.alive")
