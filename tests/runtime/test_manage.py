"""`manage.py` and what it assumes of somebody who has set nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.conftest import is_stopped
from tokenportal.embedded import REPOSITORY


def manage(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run one command from another directory."""
    return subprocess.run(
        [sys.executable, str(REPOSITORY / "manage.py"), *command],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Leave DEBUG open as well."""
    del environment["DEBUG"]
    return environment


def test_a_bare_command_tries_the_portal_with_servers_for_its_own_time(environment: dict[str, str], data: Path) -> None:
    script = "from django.conf import settings; from django.db import connection; connection.ensure_connection()"
    done = manage(environment, "shell", "--no-imports", "-c", f"{script}; print(settings.DEBUG)")
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert is_stopped(data, "postgres")
    assert is_stopped(data, "redis")


@pytest.mark.parametrize("name", ["SECRET_KEY", "TOKEN_KEYS"])
def test_whoever_has_set_a_key_does_not_try_but_is_told_what_else_to_set(
    environment: dict[str, str], data: Path, name: str
) -> None:
    done = manage({**environment, name: "set"}, "migrate")
    assert done.returncode == 1
    assert done.stderr.startswith("Set DATABASE_URL and REDIS_URL: with DEBUG off no embedded server is started.")
    assert not data.exists()


@pytest.mark.parametrize("command", [["--version"], ["help"], ["migrate", "--help"], ["check"]])
def test_a_command_that_needs_no_server_starts_none(
    environment: dict[str, str], data: Path, command: list[str]
) -> None:
    assert manage(environment, *command).returncode == 0
    assert not data.exists()
