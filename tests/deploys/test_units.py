"""The units of systemd: they name what exists, systemd understands them, and they may little."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recipes.proxies import must_have
from tests.test_compose import check_command
from tokenportal.embedded import REPOSITORY

UNITS = sorted((REPOSITORY / "deploy" / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
MOST_EXPOSED = 15  # tenths, of systemd's ten


@pytest.fixture(scope="module")
def analyze() -> str:
    """Give the program that knows units."""
    return must_have("systemd-analyze", "systemd")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a directory with the units as if the portal were installed where it is now."""
    place = tmp_path_factory.mktemp("units")
    for unit in UNITS:
        text = unit.read_text().replace("/opt/tokenportal/.venv/bin", str(Path(sys.executable).parent))
        (place / unit.name).write_text(text.replace("/opt/tokenportal", str(REPOSITORY)))
    return place


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_every_line(analyze: str, installed: Path, unit: Path) -> None:
    command = [analyze, "verify", "--man=no", "--recursive-errors=no", str(installed / unit.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_line_that_systemd_does_not_know_is_found(analyze: str, installed: Path) -> None:
    planted = installed / "planted.service"
    planted.write_text(f"{(installed / 'tokenportal-web.service').read_text()}\n[Service]\nProtectEverything=yes\n")
    done = subprocess.run([analyze, "verify", "--man=no", str(planted)], capture_output=True, text=True, check=False)
    assert "ProtectEverything" in done.stderr
    planted.unlink()


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_no_service_may_more_than_it_needs(analyze: str, installed: Path, unit: Path) -> None:
    command = [analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(installed / unit.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_every_command_exists(unit: Path) -> None:
    [command] = re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
    program, *arguments = command.split()
    path = Path(program)
    if path.is_relative_to("/opt/tokenportal/.venv/bin"):
        check_command([path.name, *arguments])
    else:
        assert shutil.which(REPOSITORY / path.relative_to("/opt/tokenportal")), program
