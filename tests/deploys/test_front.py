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
from tests.recipes.wire import echoing, hanging

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
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Give nginx before servers that show what they got."""
    with echoing() as port, fronting(tmp_path_factory.mktemp("nginx"), dict.fromkeys(UPSTREAMS, port)) as running:
        yield running


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
def test_what_the_client_says_of_itself_is_replaced(front: Front, path: str) -> None:
    code, _headers, body = ask(front, path, LIES)
    got = arrived(body)
    assert code == 200
    assert (got["host"], got["x-forwarded-for"], got["x-forwarded-proto"]) == (HOST, "127.0.0.1", "https")
    assert re.fullmatch(r"[0-9a-f]{32}", got["x-request-id"])


def test_the_token_reaches_the_door(front: Front) -> None:
    _code, _headers, body = ask(front, "/verify?scope=a+b", {"Authorization": "Bearer x"})
    assert arrived(body)["authorization"] == "Bearer x"
    assert json.loads(body)["line"] == "GET /verify?scope=a+b HTTP/1.1"


@pytest.mark.parametrize("name", ["web1", "web2"])
def test_a_server_of_pages_that_is_put_aside_is_sent_nothing(tmp_path: Path, name: str) -> None:
    with echoing() as port, hanging() as aside:
        ports = {**dict.fromkeys(UPSTREAMS, port), name: aside}
        with fronting(tmp_path, ports) as front, front.put_aside(name):
            assert [ask(front, "/tokens/")[0] for _ in range(6)] == [200] * 6


@pytest.mark.parametrize("name", ["web1", "web2"])
def test_a_server_that_is_put_aside_is_asked_where_the_other_is_away(tmp_path: Path, name: str) -> None:
    with echoing() as port:
        ports = {**dict.fromkeys(("web1", "web2"), free_port()), **dict.fromkeys(UPSTREAMS[2:], port), name: port}
        with fronting(tmp_path, ports) as front, front.put_aside(name):
            assert ask(front, "/tokens/")[0] == 200


def test_counts_are_not_for_the_outside(front: Front) -> None:
    assert ask(front, "/metrics")[0] == 404


def test_without_tls_there_is_nothing_but_the_way_to_it(front: Front) -> None:
    code, headers, _body = ask(front, "/tokens/?a=b", is_tls=False)
    assert (code, headers["Location"]) == (308, f"https://{HOST}/tokens/?a=b")
    assert ask(front, "/nginx-alive", is_tls=False)[0] == 204


def test_it_says_no_version_and_speaks_no_old_tls(front: Front) -> None:
    assert ask(front, "/metrics")[1]["Server"] == "nginx"
    text = (SHIPPED / "nginx.conf").read_text()
    assert re.findall(r"ssl_protocols (.*);", text) == ["TLSv1.2 TLSv1.3"]
