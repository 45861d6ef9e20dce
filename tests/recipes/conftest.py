"""A portal with a small school, an upstream, and each proxy between them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.portal import free_port, fresh_database, fresh_redis
from tests.recipes.proxies import PROXIES, Proxy
from tests.recipes.wire import echoing
from tests.web import Web, serving

Through = Callable[[int], int]


@pytest.fixture(scope="session")
def web(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Give the portal's web server, over a database of its own."""
    with fresh_database(migrated) as database_url:
        web = Web(free_port(), database_url, fresh_redis(), tmp_path_factory.mktemp("web") / "log")
        with serving(web):
            yield web


@pytest.fixture(scope="session")
def school(web: Web) -> dict[str, Any]:
    """Give the tokens of the small school in that portal."""
    found: dict[str, Any] = web.ask_module("tests.recipes.school")
    return found


@pytest.fixture(scope="session")
def spare(school: dict[str, Any]) -> Iterator[str]:
    """Give the tokens that a test may end, one by one."""
    return iter(school["spare"])


@pytest.fixture(scope="session")
def upstream() -> Iterator[int]:
    """Give the port of a service that shows what it got."""
    with echoing() as port:
        yield port


@pytest.fixture(scope="session", params=PROXIES, ids=lambda proxy: proxy.name)
def proxy(request: pytest.FixtureRequest) -> Proxy:
    """Give each proxy in turn."""
    each: Proxy = request.param
    each.program()
    return each


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Give directories for proxies."""
    return lambda: tmp_path_factory.mktemp("proxy")


@pytest.fixture(scope="session")
def site(proxy: Proxy, place: Callable[[], Path], web: Web, upstream: int) -> Iterator[int]:
    """Give the port of the site behind the proxy, with the portal beside it."""
    with proxy.running(place(), portal=web.port, service=upstream) as port:
        yield port


@pytest.fixture
def site_beside(proxy: Proxy, place: Callable[[], Path], upstream: int) -> Iterator[Through]:
    """Give a way to put the same site beside another portal, such as one that is not there."""
    with ExitStack() as stack:
        yield lambda portal: stack.enter_context(proxy.running(place(), portal=portal, service=upstream))
