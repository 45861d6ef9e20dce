"""Every address gets A+ by the Observatory's rules, and tells caches to keep nothing of anybody."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from csp.constants import UNSAFE_INLINE
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.gateway.asking import basic
from tests.headers.judging import faults_of
from tests.headers.production import HOST, Answer, in_production, send
from tests.matrix import table
from tests.matrix.asking import path_of, undone
from tests.matrix.routes import GATEWAY, addresses
from tests.matrix.world import World
from tests.pages.visits import SECRET, client_of

pytestmark = pytest.mark.django_db
SENT_TO = sorted({row.address for row in table.read() if row.method == "POST"})
# Asked from inside a school's network, over plain HTTP: probes, and the doors, where a proxy asks before it lets in.
FROM_INSIDE = frozenset({"/healthz", "/livez", "/readyz", "/metrics", *GATEWAY})
# The same for everybody, and it says for how long it may be kept.
FOR_EVERYBODY = frozenset({"/.well-known/oauth-authorization-server", "/.well-known/token-format.json"})


@dataclass
class Visit:
    """A school, who looks at it, and the address of each thing in it."""

    world: World
    sessions: dict[str, str]

    def ask(self, who: str, method: str, address: str, **more: Any) -> Answer:
        cache.clear()  # nobody is sent away for asking too often
        with undone():
            session = self.sessions.get(who, "")
            return send(method, path_of(address, self.world), session=session, **{"form": self.form(address), **more})

    def form(self, address: str) -> dict[str, str]:
        return {"token": self.world.secrets["holder"], **self.world.bodies.get(address, {})}

    def plain(self, address: str) -> str | None:
        """Where the address leads over plain HTTP; None where nothing of it is to be had there."""
        if address in FROM_INSIDE:
            return None
        answer = self.ask("anon", "GET", address, scheme="http")
        refuses = answer.status == 403 and "https_required" in answer.body
        return None if refuses else answer.get("Location")


@pytest.fixture(scope="module")
def visit(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Visit]:
    """One school for the whole module; each request is undone after it."""
    with in_production(), django_db_blocker.unblock(), transaction.atomic():
        logging.disable(logging.CRITICAL)
        world = World()
        people = {"owner": world.school.student, "admin": world.school.admin}
        name = settings.SESSION_COOKIE_NAME
        yield Visit(world, {who: client_of(user).cookies[name].value for who, user in people.items()})
        logging.disable(logging.NOTSET)
        transaction.set_rollback(True)


@pytest.fixture
def _django_db_helper(visit: Visit) -> None:
    """In place of pytest-django's, which would close the connection, and with it the school, after each test."""


def wrong_with(answer: Answer, address: str, plain: str | None = None) -> list[str]:
    return faults_of(answer, plain, may_be_kept=address in FOR_EVERYBODY)


@pytest.mark.parametrize("address", [each for each in addresses() if each not in GATEWAY])
def test_every_address_gets_the_best_grade(visit: Visit, address: str) -> None:
    plain = visit.plain(address)
    for who in ("anon", "admin"):
        answer = visit.ask(who, "GET", address)
        assert answer.status < 500
        assert wrong_with(answer, address, plain) == []


@pytest.mark.parametrize("address", SENT_TO)
def test_what_answers_a_form_gets_it_too(visit: Visit, address: str) -> None:
    if address in GATEWAY:
        return
    for who in ("anon", "owner", "admin"):
        answer = visit.ask(who, "POST", address)
        assert answer.status < 500
        assert wrong_with(answer, address) == []


@pytest.mark.parametrize("address", GATEWAY)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_doors_get_it_too(visit: Visit, address: str, method: str) -> None:
    holder = f"Bearer {visit.world.secrets['holder']}"
    for credentials in ("", "Bearer nonsense", holder, basic(*visit.world.client)):
        answer = visit.ask("anon", method, address, headers={"Authorization": credentials} if credentials else {})
        assert answer.status < 500
        assert wrong_with(answer, address) == []


def test_pages_are_led_to_https_and_the_api_refuses_the_rest(visit: Visit) -> None:
    assert visit.plain("/login/") == f"https://{HOST}/login/"
    assert visit.plain("/api/v1/accounts") is None
    sent = visit.ask("anon", "POST", "/api/v1/users/<person:user_id>/tokens", scheme="http")
    assert (sent.status, sent.get("Location")) == (403, "")
    assert "Strict-Transport-Security" not in sent.headers


def test_the_page_that_shows_a_secret_is_kept_nowhere(visit: Visit) -> None:
    key = re.search(r'name="key" value="(\w+)"', visit.ask("owner", "GET", "/tokens/new/").body)
    assert key
    form = {"purpose": "Lab", "days": "30", "key": key[1]}
    answer = visit.ask("owner", "POST", "/tokens/new/", form=form)
    assert SECRET.search(answer.body), answer.body
    assert wrong_with(answer, "/tokens/new/") == []


def test_a_page_with_inline_code_is_found(visit: Visit) -> None:
    directives = {**settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], "script-src": [UNSAFE_INLINE]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
    try:
        faults = wrong_with(visit.ask("anon", "GET", "/login/"), "/login/")
    finally:
        del settings.CONTENT_SECURITY_POLICY
    assert faults == ["80 points", "csp-implemented-with-unsafe-inline -20"]
