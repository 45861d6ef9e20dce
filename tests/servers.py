"""Real servers for the tests, up before Django's settings are read: a plugin that `addopts` loads early.

Where DATABASE_URL and REDIS_URL are set, those servers are used and must be ones that may lose their data.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tokenportal import embedded
from tokenportal.embedded import locks


@contextmanager
def own_data_directory() -> Iterator[None]:
    """Choose `var/test`, or the next one while another run of the tests holds it."""
    if "TOKENPORTAL_DATA" in os.environ:
        yield
        return
    for number in itertools.count(1):
        directory = embedded.REPOSITORY / "var" / ("test" if number == 1 else f"test{number}")
        if lock := find_lock(directory):
            break
    os.environ["TOKENPORTAL_DATA"] = str(directory)
    try:
        yield
    finally:
        del os.environ["TOKENPORTAL_DATA"]
        lock.release()


def find_lock(directory: Path) -> locks.Lock | None:
    """Take the directory for this run, if no other one has it."""
    directory.mkdir(parents=True, exist_ok=True)
    return locks.find_free(directory / "tests.lock")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the servers, and stop them when pytest is done, whatever it has done."""
    os.environ.setdefault("DEBUG", "1")
    stack = ExitStack()
    early_config.add_cleanup(stack.close)
    stack.enter_context(own_data_directory())
    try:
        stack.enter_context(embedded.servers(durable=False))
    except embedded.ServerError as error:
        raise pytest.UsageError(str(error)) from error
