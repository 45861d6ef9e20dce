"""The nginx that we ship: what it lets through, to whom, and what it says of the client."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from tests.deploys.front import HOST, SHIPPED, UPSTREAMS, Front, command, fronting, write_configuration
from tests.portal import free_port
from tests.recipes.wire import echoing

DOORS = ["/verify", "/verify/", "/verify/any/where", "/oauth2/introspect", "/oauth2/introspect/batch", "/oauth2/revoke"]
PAGES = [
    "/",
    "/tokens/",
    "/verifying",
    "/oauth2/token",
    "/oauth2/device_authorization",
    "/api/v1/users/self",
    "/verifiers/",
]
LIES = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "http",
    "X-Request-Id": "of-the-client-himself",
    "X-Forwarded-Host": "evil.example",
}


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, dict[int, str]]]:
    """Give nginx before two upstreams that show what they got, and which of them is which by its port."""
    with echoing() as pages, echoing() as doors:
        ports = dict(zip(UPSTREAMS, (pages, pages, doors, doors), strict=True))
        with fronting(tmp_path_factory.mktemp("nginx"), ports) as running:
            yield running, {pages: "pages", doors: "doors"}


def ask(front: Front, path: str, headers: dict[str, str] | None = None, *, is_tls: bool = True) -> Any:
    line = (
        HTTPSConnection("127.0.0.1", front.https, timeout=30, context=front.trust())
        if is_tls
        else HTTPConnection("127.0.0.1", front.http, timeout=30)
    )
    with closing(line):
        line.request("GET", path, headers={"Host": HOST, **(headers or {})})
        answer = line.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def arrived(body: bytes) -> dict[str, str]:
    return {name.lower(): value for name, value in json.loads(body)["headers"]}


def test_nginx_takes_the_files_as_they_are(tmp_path: Path) -> None:
    main = write_configuration(
        tmp_path, http=free_port(), https=free_port(), upstreams=dict.fromkeys(UPSTREAMS, free_port())
    )
    done = subprocess.run([*command(main), "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


@pytest.mark.parametrize("path", [*DOORS, *PAGES])
def test_checks_go_to_servers_of_their_own(path: str) -> None:
    [pattern] = re.findall(r"^location ~ (\S+) \{", (SHIPPED / "portal.conf").read_text(), re.MULTILINE)
    assert bool(re.search(pattern, path)) == (path in DOORS)


@pytest.mark.parametrize("path", ["/tokens/", "/verify"])
def test_what_the_client_says_of_itself_is_replaced(front: tuple[Front, dict[int, str]], path: str) -> None:
    code, _headers, body = ask(front[0], path, LIES)
    got = arrived(body)
    assert code == 200
    assert (got["host"], got["x-forwarded-for"], got["x-forwarded-proto"]) == (HOST, "127.0.0.1", "https")
    assert re.fullmatch(r"[0-9a-f]{32}", got["x-request-id"])


def test_the_token_reaches_the_door(front: tuple[Front, dict[int, str]]) -> None:
    _code, _headers, body = ask(front[0], "/verify?scope=a+b", {"Authorization": "Bearer x"})
    assert arrived(body)["authorization"] == "Bearer x"
    assert json.loads(body)["line"] == "GET /verify?scope=a+b HTTP/1.1"


def test_counts_are_not_for_the_outside(front: tuple[Front, dict[int, str]]) -> None:
    assert ask(front[0], "/metrics")[0] == 404


def test_without_tls_there_is_nothing_but_the_way_to_it(front: tuple[Front, dict[int, str]]) -> None:
    code, headers, _body = ask(front[0], "/tokens/?a=b", is_tls=False)
    assert (code, headers["Location"]) == (308, f"https://{HOST}/tokens/?a=b")
    assert ask(front[0], "/nginx-alive", is_tls=False)[0] == 204


def test_it_says_no_version_and_speaks_no_old_tls(front: tuple[Front, dict[int, str]]) -> None:
    assert ask(front[0], "/metrics")[1]["Server"] == "nginx"
    text = (SHIPPED / "nginx.conf").read_text()
    assert re.findall(r"ssl_protocols (.*);", text) == ["TLSv1.2 TLSv1.3"]
