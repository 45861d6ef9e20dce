"""The people and programs of the matrix, how each of them sends a request, and what the answer amounts to."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from tests.gateway.asking import ask, basic
from tests.matrix.routes import GATEWAY, PARAMETER, named_things
from tests.matrix.world import NOBODYS, World
from tests.pages.visits import client_of

SIGNED_IN = ("owner", "other", "teacher", "inside", "outside", "admin")
BEARERS = ("holder", "plain", "manage", "limited", "dead")
CALLERS = ("anon", *SIGNED_IN, *BEARERS, "verifier")
COOKIE = settings.SESSION_COOKIE_NAME
SAFE = frozenset({"GET"})

# What belongs to the request itself, and not to what it asked for.
_OWN = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|\'nonce-[^\']*\'|csrftoken=[^;]*|expires=[^;]*'
    r'|name="key" value="\w*"'
)
_OWN_HEADERS = frozenset({"x-request-id", "date", "content-length", "set-cookie"})


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def outcome(self) -> str:
        """In the words of the table, but `seen`, which takes a second question."""
        if self.status >= 500 and self.status != 503:
            return "broken"
        if self.status == 302 and self.headers.get("Location", "").startswith("/login/"):
            return "login"
        if self.status == 403 and "insufficient_scope" in self.headers.get("WWW-Authenticate", ""):
            return "scope"
        return str(self.status) if self.status in (401, 403, 404, 405) else "ok"

    def without(self, path: str) -> tuple[int, dict[str, str], str]:
        """All that a stranger could compare: without the address that was asked for, and the request's own numbers."""
        number = self.headers.get("X-Request-Id", "-")

        def plain(text: str) -> str:
            return _OWN.sub("", text.replace(number, "").replace(path, ""))

        kept = {name: plain(value) for name, value in self.headers.items() if name.lower() not in _OWN_HEADERS}
        return self.status, kept, plain(self.body)


@dataclass
class Cast:
    """Everybody who calls, in one world."""

    world: World
    sessions: dict[str, str] = field(default_factory=dict)
    browser: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    forger: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True, raise_request_exception=False))

    def __post_init__(self) -> None:
        school = self.world.school
        signed_in = {
            "owner": school.student,
            "other": school.other_student,
            "teacher": school.teacher,
            "inside": school.arts_admin,
            "outside": school.science_admin,
            "admin": school.admin,
            "forged": school.admin,
        }
        for name, user in signed_in.items():
            self.sessions[name] = client_of(user).cookies[COOKIE].value

    def ask(self, caller: str, method: str, address: str, path: str) -> Answer:
        """Send one request, and undo whatever it did."""
        cache.clear()  # nobody is sent away for asking too often
        with undone():
            if address in GATEWAY:
                return self._at_the_door(caller, method, path)
            body, kind = self._body(method, address)
            answer = self._browser_of(caller).generic(method, path, body, kind, headers=self._credentials(caller))
            sent = b"".join(answer) if answer.streaming else answer.content
            return Answer(answer.status_code, dict(answer.items()), sent.decode())

    def _browser_of(self, caller: str) -> Client:
        """A browser as it is after signing in: no answer before has changed its cookies."""
        client = self.forger if caller == "forged" else self.browser
        client.cookies.clear()
        if caller in self.sessions:
            client.cookies[COOKIE] = self.sessions[caller]
        return client

    def _at_the_door(self, caller: str, method: str, path: str) -> Answer:
        header = self._credentials(caller).get("Authorization")
        form = {"token": self.world.secrets["holder"], **self.world.bodies.get(path, {})}
        found = ask(path, method=method, authorization=header, form=form if method == "POST" else None)
        return Answer(found.code, found.headers, found.body.decode())

    def _credentials(self, caller: str) -> dict[str, str]:
        if caller == "verifier":
            return {"Authorization": basic(*self.world.client)}
        if caller in BEARERS:
            return {"Authorization": f"Bearer {self.world.secrets[caller]}"}
        return {}

    def _body(self, method: str, address: str) -> tuple[str, str]:
        fields = self.world.bodies.get(address, {}) if method not in SAFE else {}
        return urlencode(fields), "application/x-www-form-urlencoded"


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens in the block has not happened after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def path_of(address: str, world: World, **instead: Any) -> str:
    """The path of an address, with the thing that stands for each parameter, or what is given instead."""

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        return str(instead[name]) if name in instead else world.value(address, name)

    return PARAMETER.sub(fill, address)


def observe(cast: Cast, callers: tuple[str, ...], method: str, address: str) -> list[str]:
    """What each caller gets, in the words of the table."""
    path = path_of(address, cast.world)
    return [_cell(cast, caller, method, address, path) for caller in callers]


def _cell(cast: Cast, caller: str, method: str, address: str, path: str) -> str:
    """`seen` and `tells` are refusals that an address of nothing does not get: by its status, or by anything else."""
    answer = cast.ask(caller, method, address, path)
    if answer.outcome not in ("403", "404"):
        return answer.outcome
    for name in named_things(address):
        empty = path_of(address, cast.world, **{name: NOBODYS})
        other = cast.ask(caller, method, address, empty)
        if answer.without(path) != other.without(empty):
            return "seen" if (answer.status, other.status) == (403, 404) else "tells"
    return answer.outcome
