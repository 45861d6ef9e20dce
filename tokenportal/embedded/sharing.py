"""How processes share one embedded server.

Three files beside its directory: NAME.users is locked (shared) by everybody who uses it, NAME.keeper by the process
that owns it (see keeper.py), NAME.url says where it listens.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tokenportal.embedded import account, locks
from tokenportal.embedded.keeper import DURABLE, READY
from tokenportal.embedded.server import START_SECONDS, STOP_SECONDS, Server, ServerError

WAIT_SECONDS = START_SECONDS + STOP_SECONDS
SOURCE = Path(__file__).parent.parent.parent


@contextmanager
def shared(server: type[Server], data: Path, *, durable: bool) -> Iterator[str]:
    """Use the server over this data directory, started if need be; gives its URL."""
    prepare(server, data)
    users = locks.take(data / f"{server.name}.users", shared=True)  # waits while an earlier one stops
    try:
        yield find_or_start(server, data, durable=durable)
    finally:
        users.release()
        wait_for_end(server, data)


def prepare(server: type[Server], data: Path) -> None:
    """Make the directories, and say plainly if they are not ours."""
    directory = data / server.name
    try:
        account.make_private(directory)
    except OSError as error:
        raise ServerError(f"Set TOKENPORTAL_DATA to a directory you can write to ({error}).") from error
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        raise ServerError(f"{directory} belongs to another user: set TOKENPORTAL_DATA to a directory of yours.")
    account.make_reachable(directory)
    account.make_reachable(server.program())


def find_or_start(server: type[Server], data: Path, *, durable: bool) -> str:
    """Return the URL of the running server, or become the one who starts it."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if keeper := locks.find_free(data / f"{server.name}.keeper"):
            start_keeper(server, data, keeper, durable=durable)
        if url := find_running(server, data):
            return url
        time.sleep(locks.PAUSE)
    raise ServerError(f"{server.title} does not answer; see {data / server.name}.log.")


def find_running(server: type[Server], data: Path) -> str | None:
    """Return the URL of a server that answers; the file alone proves nothing."""
    try:
        url = (data / f"{server.name}.url").read_text()
    except FileNotFoundError:
        return None
    return url if server.answers(url) else None


def start_keeper(server: type[Server], data: Path, lock: locks.Lock, *, durable: bool) -> None:
    """Start the keeper with its lock in its hands, and wait for its word. Raises ServerError with what it says."""
    (data / f"{server.name}.url").unlink(missing_ok=True)  # of a keeper that was killed
    path = data / f"{server.name}.log"
    path.write_bytes(b"")
    with path.open("ab") as log:
        done = subprocess.run(
            [sys.executable, "-m", "tokenportal.embedded", server.name, str(data), DURABLE if durable else "fast"],
            cwd=SOURCE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
            pass_fds=(lock.fd,),
            check=False,
        )
    lock.hand_over()
    if done.stdout != READY:
        raise ServerError(done.stdout or f"{server.title} did not start; see {path}.")


def wait_for_end(server: type[Server], data: Path) -> None:
    """Return once the server has stopped, or at once if others use it: a command must leave nothing behind."""
    users, keeper = data / f"{server.name}.users", data / f"{server.name}.keeper"

    def is_over() -> bool:
        in_use = not locks.is_free(users) and locks.is_free(users, shared=True)
        return in_use or locks.is_free(keeper, shared=True)

    locks.wait_until(is_over, seconds=2 * STOP_SECONDS)
