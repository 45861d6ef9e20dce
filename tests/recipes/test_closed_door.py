"""What a proxy answers while the portal cannot say: never yes, and soon."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.portal import free_port
from tests.recipes.conftest import Through
from tests.recipes.proxies import PROXIES
from tests.recipes.test_proxies import NAMES, bearer
from tests.recipes.wire import Reply, hanging, send
from tests.web import Web, serving

CLOSED = (500, 502, 503, 504)
SECONDS = 40  # nginx itself would wait for 60, Caddy for ever


def asked(site: int, school: dict[str, Any]) -> Reply:
    """Ask with a good token and a forged identity; the answer must come in time."""
    begun = time.monotonic()
    reply = send(site, [bearer(school["student"]["secret"]), *((name, "1") for name in NAMES)])
    assert time.monotonic() - begun < SECONDS
    return reply


@pytest.fixture(scope="module")
def blind(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Give a portal that cannot ask its database."""
    nowhere = f"postgres://nobody@127.0.0.1:{free_port()}/nothing"
    log = tmp_path_factory.mktemp("blind") / "log"
    with serving(replace(web, port=free_port(), database_url=nowhere, log=log, process=None)) as blind:
        yield blind


def test_a_portal_that_is_not_there_opens_nothing(site_beside: Through, school: dict[str, Any]) -> None:
    reply = asked(site_beside(free_port()), school)
    assert (reply.code in CLOSED, reply.arrived) == (True, None)


def test_a_portal_that_hangs_opens_nothing(site_beside: Through, school: dict[str, Any]) -> None:
    with hanging() as port:
        reply = asked(site_beside(port), school)
    assert (reply.code in CLOSED, reply.arrived) == (True, None)


def test_a_portal_without_its_database_opens_nothing(site_beside: Through, blind: Web, school: dict[str, Any]) -> None:
    reply = asked(site_beside(blind.port), school)
    assert (reply.code in CLOSED, reply.arrived) == (True, None)


def test_the_door_closes_when_the_portal_stops_and_opens_when_it_is_back(
    place: Callable[[], Path], web: Web, upstream: int, school: dict[str, Any], tmp_path: Path
) -> None:
    second = replace(web, port=free_port(), log=tmp_path / "log", process=None)
    with serving(second), ExitStack() as stack:
        running = [each.running(place(), portal=second.port, service=upstream) for each in PROXIES]
        sites = [stack.enter_context(each) for each in running]
        assert [asked(site, school).code for site in sites] == [200] * len(sites)
        second.stop()
        assert {asked(site, school).code for site in sites} <= set(CLOSED)
        second.start()
        assert [asked(site, school).code for site in sites] == [200] * len(sites)
