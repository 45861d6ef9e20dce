"""Real servers for the tests, up before Django's settings are read: a plugin that `addopts` loads early.

Where DATABASE_URL and REDIS_URL are set, those servers are used and must be ones that may lose their data.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tokenportal import embedded
from tokenportal.embedded import locks


@contextmanager
def own_data_directory() -> Iterator[None]:
    """Choose `var/test`, or the next one while another run of the tests holds it.

    One that is given is kept; several processes of a run share it out, as each has servers of its own.
    """
    if given := os.environ.get("TOKENPORTAL_DATA"):
        os.environ["TOKENPORTAL_DATA"] = str(Path(given, os.environ.get("PYTEST_XDIST_WORKER", "")))
        yield
        return
    directory, lock = take_free_directory()
    os.environ["TOKENPORTAL_DATA"] = str(directory)
    try:
        yield
    finally:
        del os.environ["TOKENPORTAL_DATA"]
        lock.release()


def take_free_directory() -> tuple[Path, locks.Lock]:
    """Return the first directory that no other run has, and the lock that says so."""
    number = 1
    while True:
        directory = embedded.REPOSITORY / "var" / ("test" if number == 1 else f"test{number}")
        directory.mkdir(parents=True, exist_ok=True)
        if lock := locks.find_free(directory / "tests.lock"):
            return directory, lock
        number += 1


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the servers, and stop them when pytest is done, whatever it has done.

    Where the tests are shared out among processes (pytest-xdist), each of them has servers of its own.
    """
    os.environ.setdefault("DEBUG", "1")
    if getattr(early_config.known_args_namespace, "numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        return
    stack = ExitStack()
    early_config.add_cleanup(stack.close)
    stack.enter_context(own_data_directory())
    try:
        stack.enter_context(embedded.servers(durable=False))
    except embedded.ServerError as error:
        raise pytest.UsageError(str(error)) from error
