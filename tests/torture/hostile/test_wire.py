"""The real web server, byte by byte: it fails at nothing, lets in nobody but the credential, and goes on."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from tests.portal import free_port, fresh_database, fresh_redis
from tests.torture.hostile.headers import Credential, bearer
from tests.torture.hostile.wire import Said, odd, of_bytes, status_of, with_headers, wrong_on
from tests.web import Web, serving

PLANTED = "tests.torture.hostile.planted:lenient"
SOME = 150


@pytest.fixture(scope="module")
def web(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with fresh_database(migrated) as database:
        yield Web(free_port(), database, fresh_redis(), tmp_path_factory.mktemp("hostile") / "log")


@pytest.fixture(scope="module")
def good(web: Web) -> Credential:
    return bearer(str(web.ask_module("tests.torture.hostile.found")))


def test_nothing_on_the_wire_breaks_the_web_server(web: Web, good: Credential, by_chance: Random) -> None:
    bad = Credential(b"Bearer", good.credential[::-1])
    with serving(web):
        assert list(wrong_on(web.port, odd(good, bad))) == []
        assert list(wrong_on(web.port, of_bytes(good, by_chance, SOME))) == []
        assert status_of(web.port, with_headers(good.header)) == 200


def test_a_planted_leniency_is_found_on_the_wire(web: Web, good: Credential) -> None:
    tabulated = Said(with_headers(good.scheme + b"\t" + good.credential), is_good=False)
    with serving(replace(web, application=PLANTED)) as lenient:
        [words] = wrong_on(lenient.port, iter([tabulated]))
    assert words.endswith(": 200")
