"""Two web servers over one PostgreSQL, each of the three with a clock of its own."""

import base64
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import requests

from tests.cast import PASSWORD
from tests.portal import free_port, fresh_redis
from tests.torture.clocks.clock import Clock, require_faketime
from tests.web import Web, serving
from tokenportal.embedded import sharing
from tokenportal.embedded.postgres import Postgres

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
API = "/api/v1"


@dataclass
class Server:
    """A web server with its clock, and somebody who asks it; nothing is answered with a failure of the server."""

    web: Web
    clock: Clock

    def ask(self, method: str, path: str, *, by: requests.Session | None = None, **options: Any) -> requests.Response:
        answer = (by or requests).request(method, f"{self.web.url}{path}", timeout=60, allow_redirects=False, **options)
        assert answer.status_code < 500, (method, path, answer.text[:500])
        return answer

    def api(self, method: str, path: str, secret: str, body: Any = None, **headers: str) -> requests.Response:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask(method, f"{API}/{path}", json=body, headers={"Authorization": f"Bearer {secret}", **headers})

    def lets_in(self, secret: str) -> bool:
        """Whether all three doors say so."""
        said = {
            self.ask("GET", "/verify", headers={"Authorization": f"Bearer {secret}"}).status_code == 200,
            self.api("GET", "users/self", secret).status_code == 200,
            bool(self.introspect(secret)["active"]),
        }
        [agreed] = said
        return agreed

    verifier: tuple[str, str] = ("", "")

    def introspect(self, secret: str) -> dict[str, Any]:
        name = base64.b64encode(":".join(self.verifier).encode()).decode()
        answer = self.ask(
            "POST", "/oauth2/introspect", data={"token": secret}, headers={"Authorization": f"Basic {name}"}
        )
        told: dict[str, Any] = answer.json()
        return told

    def sign_in(self, login_id: str) -> requests.Session:
        """Somebody's browser, with its CSRF token on every request."""
        browser = requests.Session()
        self.ask("GET", "/login/", by=browser)
        said = {"username": login_id, "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        self.ask("POST", "/login/", by=browser, data=said)
        browser.headers["X-CSRFToken"] = browser.cookies["csrftoken"]
        return browser


@dataclass
class Two:
    """A server whose clock is ahead, one whose clock is right, and the school, which the right one has made."""

    ahead: Server
    right: Server
    school: dict[str, Any]

    def make(self, where: Server, **token: Any) -> dict[str, Any]:
        """An administrator makes a token for herself."""
        answer = where.api("POST", "users/self/tokens", self.school["managing"], {"token": {"purpose": "x", **token}})
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made


@contextmanager
def database_ahead(place: Path, by: timedelta) -> Iterator[str]:
    """A PostgreSQL whose clock is ahead; its URL."""
    clock = Clock(place / "database-clock")
    clock.set(by)
    postgres = Postgres(place, durable=False)
    sharing.prepare(Postgres, place)
    with patch.dict(os.environ, {name: clock.environment[name] for name in clock.environment if name != "PYTHONPATH"}):
        postgres.start()
    try:
        yield postgres.url
    finally:
        postgres.stop()


@contextmanager
def two_servers() -> Iterator[Two]:
    """Have both running over a database whose clock is two days ahead."""
    require_faketime()
    with TemporaryDirectory(prefix="tokenportal-clocks-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        place = Path(name)
        place.chmod(0o755)
        database = stack.enter_context(database_ahead(place, 2 * DAY))
        servers = []
        for each in ("ahead", "right"):
            clock = Clock(place / f"{each}-clock")
            web = Web(free_port(), database, fresh_redis(), place / f"{each}.log", more=clock.environment)
            servers.append(Server(web, clock))
        ahead, right = servers
        right.web.migrate()
        school = right.web.ask_module("tests.recipes.school")
        for server in servers:
            server.verifier = tuple(school["verifier"])
            stack.enter_context(serving(server.web))
        yield Two(ahead, right, school)
