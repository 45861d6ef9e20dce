"""A pause made in one process is in force in another one on its very next request, at every door; its lifting too."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.portal import free_port, fresh_database, fresh_redis
from tests.web import Web, serving
from tokenportal.embedded import REPOSITORY

ROUNDS = 20
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Two:
    """Two web servers over one database, each with its connections open, and the small school in it."""

    here: HTTPConnection
    there: HTTPConnection
    school: dict[str, Any]
    web: Web

    def ask(
        self, connection: HTTPConnection, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, bytes]:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()

    @property
    def account(self) -> str:
        return str(self.school["student"]["X-Token-Account"])

    @property
    def secret(self) -> str:
        return str(self.school["student"]["secret"])

    def pause(self) -> int:
        """Pause the student's account at the one server; the number of that."""
        said = json.dumps({"whom": "account", "reason_code": "misuse_suspected"})
        number: int = self._manage(f"/api/v1/accounts/{self.account}/pauses", said)["id"]
        return number

    def lift(self, number: int) -> None:
        self._manage(f"/api/v1/accounts/{self.account}/pauses/{number}/lift", "{}")

    def _manage(self, path: str, body: str) -> Any:
        bearer = f"Bearer {self.school['managing']}"
        status, said = self.ask(self.here, "POST", path, body, Authorization=bearer, Content_Type=JSON)
        assert status == 200, said
        return json.loads(said)

    def run(self, *arguments: str) -> str:
        """Run `manage.py emergency`. On a busy machine that takes longer than the servers leave an idle line open."""
        command = [sys.executable, str(Path(REPOSITORY) / "manage.py"), "emergency", *arguments]
        environment = self.web.environment
        done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        for connection in (self.here, self.there):
            connection.close()  # it opens again by itself
        return done.stdout

    def by_api(self) -> bool:
        status, said = self.ask(self.there, "GET", "/api/v1/users/self", Authorization=f"Bearer {self.secret}")
        assert status == 200 or (status == 401 and b"paused_token" in said), said
        return status == 200

    def by_verify(self) -> bool:
        return self.ask(self.there, "GET", "/verify", Authorization=f"Bearer {self.secret}")[0] == 200

    def by_introspection(self) -> bool:
        return bool(self._introspect("", [("token", self.secret)])["active"])

    def in_a_batch(self) -> bool:
        said = self._introspect("/batch", [("token", self.secret)] * 2)
        first, second = (bool(each["active"]) for each in said["results"])
        assert first == second
        return first

    def _introspect(self, below: str, form: list[tuple[str, str]]) -> Any:
        name = base64.b64encode(":".join(self.school["verifier"]).encode()).decode()
        headers = {"Authorization": f"Basic {name}", "Content_Type": FORM}
        status, said = self.ask(self.there, "POST", f"/oauth2/introspect{below}", urlencode(form), **headers)
        assert status == 200, said
        return json.loads(said)


DOORS: dict[str, Callable[[Two], bool]] = {
    "the API": Two.by_api,
    "/verify": Two.by_verify,
    "introspection": Two.by_introspection,
    "a batch": Two.in_a_batch,
}


@pytest.fixture(scope="module")
def two(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    with fresh_database(migrated) as database:
        redis = fresh_redis()
        one, other = (Web(free_port(), database, redis, tmp_path_factory.mktemp("web") / "log") for _each in range(2))
        school = one.ask_module("tests.recipes.school")
        with serving(one), serving(other):
            connections = [HTTPConnection("127.0.0.1", web.port, timeout=30) for web in (one, other)]
            here, there = connections
            yield Two(here, there, school, one)
            for connection in connections:
                connection.close()


@pytest.mark.parametrize("door", DOORS)
def test_a_pause_bites_on_the_next_request_in_another_process(two: Two, door: str) -> None:
    lets_in = DOORS[door]
    assert lets_in(two)
    for _round in range(ROUNDS):
        number = two.pause()
        assert not lets_in(two)
        two.lift(number)
        assert lets_in(two)


def test_a_pause_from_the_command_line_bites_at_every_door_at_once(two: Two) -> None:
    two.run("pause", "--account", two.account, "--reason", "Something is wrong", "--json")
    assert [name for name, lets_in in DOORS.items() if lets_in(two)] == []
    [standing] = json.loads(two.run("status", "--json"))
    two.run("lift", str(standing["id"]))
    assert [name for name, lets_in in DOORS.items() if lets_in(two)] == list(DOORS)
