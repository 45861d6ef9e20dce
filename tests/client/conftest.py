"""The client, installed once, and whoever sits at it."""

from pathlib import Path

import pytest

from tests.client.terminal import Browser, Terminal, install
from tests.portal import Portal


@pytest.fixture(scope="session")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("client"))


@pytest.fixture
def terminal(script: Path, tmp_path: Path) -> Terminal:
    """Nobody is signed in yet."""
    return Terminal(script, tmp_path)


@pytest.fixture(scope="module")
def admins(script: Path, tmp_path_factory: pytest.TempPathFactory, running_portal: Portal) -> Terminal:
    """An administrator who signed in to manage tokens and settings."""
    terminal = Terminal(script, tmp_path_factory.mktemp("admin"))
    terminal.sign_in(Browser(running_portal, "admin"), "--manage", purpose="Managing from a terminal")
    return terminal
