"""`manage.py up`: one command, one log, one end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.portal import find_answer, free_port
from tests.runtime.conftest import is_stopped, open_place
from tokenportal.embedded import REPOSITORY, locks
from tokenportal.management.commands.up import port_number

READY_SECONDS = 300
END_SECONDS = 120
MANAGE = [sys.executable, str(REPOSITORY / "manage.py")]


class Up:
    """A running `manage.py up` over its own data and its own embedded servers."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.log = data.parent / "up.log"
        with self.log.open("wb") as log:
            self.process = psutil.Popen([*MANAGE, "up"], env=environment(data, self.port), stdout=log, stderr=log)

    def wait_until_ready(self) -> None:
        """Wait for the word of welcome."""
        deadline = time.monotonic() + READY_SECONDS
        while "TokenPortal is ready" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"It did not come up:\n{self.said()}")
            time.sleep(0.1)

    def said(self) -> str:
        """Return the log so far."""
        return self.log.read_text()

    def pid_of(self, name: str) -> int:
        """Return the process that the log says was started under that name."""
        match = re.search(rf"{name} started \(pid=(\d+)\)", self.said())
        assert match
        return int(match[1])

    def family(self) -> list[psutil.Process]:
        """Return every process it started, servers aside."""
        return [self.process, *self.process.children(recursive=True)]


def environment(data: Path, port: int) -> dict[str, str]:
    """Return the environment of somebody who tries the portal and has set nothing but places."""
    names = {n: value for n, value in os.environ.items() if n not in {"DATABASE_URL", "REDIS_URL", "DEBUG"}}
    return {**names, "TOKENPORTAL_DATA": str(data), "PORT": str(port)}


def manage(data: Path, port: int, *command: str) -> subprocess.CompletedProcess[str]:
    """Run another `manage.py` over the same data."""
    return subprocess.run([*MANAGE, *command], env=environment(data, port), capture_output=True, text=True, check=False)


def are_gone(processes: list[psutil.Process]) -> bool:
    """Wait until none of the processes is left; one that only waits to be buried is."""
    return locks.wait_until(lambda: not any(is_alive(process) for process in processes), seconds=END_SECONDS)


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process still does something."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def servers_stop(data: Path) -> bool:
    """Wait until no embedded server over this data is left."""
    return locks.wait_until(lambda: is_stopped(data, "postgres") and is_stopped(data, "redis"), seconds=END_SECONDS)


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """Give one data directory to all tests here: the second start finds what the first one made."""
    with open_place() as place:
        yield place / "data"


@pytest.fixture
def start(data: Path) -> Iterator[Callable[[], Up]]:
    """Give a way to start it; what is still there at the end of the test is stopped."""
    started: list[Up] = []

    def start_one() -> Up:
        up = Up(data)
        started.append(up)
        up.wait_until_ready()
        return up

    yield start_one
    for up in started:
        with suppress(psutil.NoSuchProcess):
            up.process.send_signal(signal.SIGTERM)
        up.process.wait(END_SECONDS)


def test_it_serves_and_ends_with_everything_it_started(start: Callable[[], Up], data: Path) -> None:
    up = start()
    assert find_answer(up.port) == 200
    assert f"http://127.0.0.1:{up.port}/" in up.said()
    assert 'the password "tokenportal" as: admin, subadmin, teacher' in up.said()

    users = manage(data, up.port, "shell", "--no-imports", "-c", "import os; print(os.environ['DATABASE_URL'])")
    assert users.stdout.strip().endswith("postgres")
    assert find_answer(up.port) == 200

    second = manage(data, free_port(), "up")
    assert second.returncode == 1
    assert f"TokenPortal already runs with the data in {data}: http://127.0.0.1:{up.port}/" in second.stderr

    family = up.family()
    assert len(family) > 6
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(END_SECONDS) == 0
    assert are_gone(family)
    assert servers_stop(data)


def test_it_ends_with_an_error_that_names_the_process_that_died(start: Callable[[], Up], data: Path) -> None:
    up = start()
    family = up.family()
    os.kill(up.pid_of("web"), signal.SIGKILL)
    assert up.process.wait(END_SECONDS) == 1
    assert "web ended by itself" in up.said()
    assert are_gone(family)
    assert servers_stop(data)


def test_it_ends_even_if_a_process_ignores_it(start: Callable[[], Up]) -> None:
    up = start()
    family = up.family()
    os.kill(up.pid_of("beat"), signal.SIGSTOP)
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(END_SECONDS) == 0
    assert are_gone(family)


def test_nothing_outlives_it_when_it_is_killed(start: Callable[[], Up], data: Path) -> None:
    up = start()
    family = up.family()
    up.process.kill()
    assert are_gone(family)
    assert servers_stop(data)


def test_a_taken_port_is_said_before_anything_runs(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = manage(data, port, "up")
    assert done.returncode == 1
    assert f"Port {port} is taken. Choose another: PORT={port + 1} make run" in done.stderr


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is no port"):
        port_number(text)
