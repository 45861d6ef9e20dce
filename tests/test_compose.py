"""What is written for Docker and for `.env` exists: no engine is needed to see a file, a command or a name missing."""

import ast
import json
import re
import shlex
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

import pytest
import yaml

from tokenportal.embedded import REPOSITORY

COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text().replace("\\\n", "")
EXAMPLE = (REPOSITORY / ".env.example").read_text()
OURS = {"web", "worker", "beat", "migrate"}
# Read by compose, by the web server or by `manage.py up`, not by the settings.
NOT_SETTINGS = {"POSTGRES_PASSWORD", "PORT", "GRANIAN_WORKERS", "GRANIAN_BLOCKING_THREADS"}


def instructions(name: str) -> list[str]:
    """Return the arguments of every instruction of that name in the Dockerfile."""
    return re.findall(rf"^\s*{name} (.*)$", DOCKERFILE, re.MULTILINE)


def names_in_example() -> set[str]:
    """Return the names that .env.example shows, commented out or not."""
    return set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", EXAMPLE, re.MULTILINE))


def names_in_settings() -> set[str]:
    """Return the names that the settings read from the environment."""
    trees = [ast.parse(module.read_text()) for module in (REPOSITORY / "tokenportal" / "settings").glob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    readers = [call for call in calls if re.fullmatch(r"env\.\w+|required", ast.unparse(call.func))]
    return {
        name.value for call in readers if isinstance(name := call.args[0], ast.Constant) and isinstance(name.value, str)
    }


def check_command(command: list[str]) -> None:
    """Fail if the command is not one that our image can run."""
    program, *arguments = command
    if program == "python" and arguments[0] == "-m":
        assert find_spec(arguments[1])
    elif program == "python":
        assert (REPOSITORY / arguments[0]).exists()
    else:
        assert entry_points(group="console_scripts", name=program), program
    for argument in arguments:
        if match := re.fullmatch(r"(?:--app=)?(tokenportal[\w.]*)(?::\w+)?", argument):
            assert find_spec(match[1])


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    assert names_in_example() == names_in_settings() | NOT_SETTINGS


def test_compose_asks_for_what_production_must_choose() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", (REPOSITORY / "docker-compose.yml").read_text()))
    must = set(re.findall(r"^([A-Z_]+)=$", EXAMPLE, re.MULTILINE))
    assert asked == must


def test_compose_has_the_whole_portal() -> None:
    assert set(COMPOSE["services"]) == OURS | {"postgres", "redis"}


@pytest.mark.parametrize("name", sorted(OURS - {"web"}))
def test_every_command_of_compose_exists(name: str) -> None:
    check_command(COMPOSE["services"][name]["command"])


def test_the_commands_of_the_image_exist() -> None:
    check_command(json.loads(instructions("CMD")[-1]))
    check_command(json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2]))
    check_command(shlex.split(instructions("RUN")[-1].partition("python manage.py")[1].strip()))


def test_the_health_check_of_the_worker_asks_our_application() -> None:
    test = COMPOSE["services"]["worker"]["healthcheck"]["test"]
    check_command(shlex.split(test[1]))


def test_every_file_that_the_image_takes_exists_and_is_not_ignored() -> None:
    kept = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {source.split()[0] for source in instructions("COPY") if not source.startswith("--from")}
    assert all((REPOSITORY / name).exists() for name in copied)
    assert copied == kept


def test_every_image_is_pinned() -> None:
    theirs = [COMPOSE["services"][name]["image"] for name in ("postgres", "redis")]
    bases = [line.split()[0] for line in instructions("FROM")]
    assert all(re.search(r":\d+\.\d+(\.\d+)?-\w+", image) for image in [*theirs, *bases])


def test_every_server_says_whether_it_is_well() -> None:
    def is_watched(service: dict[str, Any]) -> bool:
        return "healthcheck" in service or "image" not in service or service["image"].startswith("tokenportal:")

    assert all(is_watched(service) for service in COMPOSE["services"].values())
    assert instructions("HEALTHCHECK")


def test_nothing_runs_as_root_or_writes_into_its_image() -> None:
    assert instructions("USER") == ["tokenportal"]
    assert all(COMPOSE["services"][name]["read_only"] for name in OURS)


def test_what_is_waited_for_can_happen() -> None:
    for service in COMPOSE["services"].values():
        for name, wait in service.get("depends_on", {}).items():
            ends = COMPOSE["services"][name].get("restart") == "no"
            assert wait["condition"] == ("service_completed_successfully" if ends else "service_healthy")
