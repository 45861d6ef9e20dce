"""What is written for Docker and for `.env` exists: no engine is needed to see a file, a command or a name missing."""

import ast
import json
import re
import shlex
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import jsonschema
import pytest
import yaml

from tokenportal.embedded import REPOSITORY

COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text().replace("\\\n", "")
EXAMPLE = (REPOSITORY / ".env.example").read_text()
WEBS = {"web1", "web2", "verifier1", "verifier2"}
OURS = WEBS | {"worker", "beat", "migrate"}
THEIRS = {"postgres", "redis", "nginx", "backup"}
# Read by compose, by the web server or by `manage.py up`, not by the settings.
NOT_SETTINGS = {
    "ACME_DIR",
    "BACKUP_DAYS",
    "BACKUP_EVERY",
    "GRANIAN_BLOCKING_THREADS",
    "GRANIAN_WORKERS",
    "HTTPS_PORT",
    "HTTP_PORT",
    "PORT",
    "PORTAL_SUBNET",
    "POSTGRES_PASSWORD",
    "TLS_DIR",
}


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
    assert set(COMPOSE["services"]) == OURS | THEIRS


@pytest.mark.parametrize("name", sorted(OURS - WEBS))
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
    theirs = [COMPOSE["services"][name]["image"] for name in sorted(THEIRS)]
    bases = [line.split()[0] for line in instructions("FROM")]
    assert all(re.search(r":\d+\.\d+(\.\d+)?-\w+", image) for image in [*theirs, *bases])


def test_every_server_says_whether_it_is_well() -> None:
    def is_watched(service: dict[str, Any]) -> bool:
        return "healthcheck" in service or "image" not in service or service["image"].startswith("tokenportal:")

    assert all(is_watched(service) for service in COMPOSE["services"].values())
    assert instructions("HEALTHCHECK")


def test_nothing_runs_as_root_or_writes_into_its_image_or_has_more_rights_or_resources_than_it_needs() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert all(re.fullmatch(r"[1-9]\d*:[1-9]\d*", COMPOSE["services"][name]["user"]) for name in THEIRS)
    for service in COMPOSE["services"].values():
        assert service["read_only"] is True
        assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}


def test_what_is_waited_for_can_happen() -> None:
    for service in COMPOSE["services"].values():
        for name, wait in service.get("depends_on", {}).items():
            ends = COMPOSE["services"][name].get("restart") == "no"
            assert wait["condition"] == ("service_completed_successfully" if ends else "service_healthy")


def test_nginx_reaches_the_web_servers_and_nothing_but_them() -> None:
    networks = {name: set(service["networks"]) for name, service in COMPOSE["services"].items()}
    shared = {name for name, reached in networks.items() if reached & (networks["nginx"] - {"outside"})}
    assert shared == WEBS | {"nginx"}
    assert networks["postgres"] == networks["redis"] == {"data"}
    assert all(COMPOSE["networks"][name]["internal"] for name in ("front", "data"))
    assert {name for name, service in COMPOSE["services"].items() if "ports" in service} == {"nginx"}


def test_nginx_finds_each_server_at_the_address_that_it_always_has() -> None:
    told = dict(entry.split(":", 1) for entry in COMPOSE["services"]["nginx"]["extra_hosts"])
    told = {name: address.rpartition("}")[2] for name, address in told.items()}
    given = {name: COMPOSE["services"][name]["networks"]["front"]["ipv4_address"] for name in WEBS}
    assert told == {name: address.rpartition("}")[2] for name, address in given.items()}
    assert len(set(told.values())) == len(WEBS)


def test_every_file_that_is_mounted_exists() -> None:
    mounts = [mount for service in COMPOSE["services"].values() for mount in service.get("volumes", [])]
    ours = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert ours
    assert all((REPOSITORY / name).is_file() for name in ours)
    named = {mount.split(":")[0] for mount in mounts if not mount.startswith((".", "$"))}
    assert named == set(COMPOSE["volumes"])


def test_what_compose_asks_of_the_environment_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (REPOSITORY / "docker-compose.yml").read_text()))
    assert asked <= names_in_example()


def test_the_database_is_in_no_backup_that_the_journal_is_in() -> None:
    backed_up = COMPOSE["services"]["backup"]["volumes"]
    assert not any(mount.startswith("journal:") for mount in backed_up)


def test_the_file_is_what_compose_knows() -> None:
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(COMPOSE, json.loads(schema.read_text()))
