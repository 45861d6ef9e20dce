"""What a test client cannot say: requests as they really arrive, at the real server."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.journeys.test_canvas_client import new_token
from tests.portal import Portal

PATH = "/api/v1/users/self"


@pytest.fixture(scope="module")
def secret(running_portal: Portal) -> str:
    return new_token(running_portal, "admin", "tokens:manage")


@pytest.fixture
def connection(running_portal: Portal) -> Iterator[HTTPConnection]:
    with closing(HTTPConnection("127.0.0.1", running_portal.port, timeout=60)) as connection:
        yield connection


def ask(
    connection: HTTPConnection, method: str, path: str, headers: list[tuple[str, str | bytes]], body: bytes = b""
) -> tuple[int, Any]:
    connection.putrequest(method, path)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders(body or None)
    response = connection.getresponse()
    text = response.read()
    return response.status, json.loads(text) if text else None


def chunks(body: bytes) -> bytes:
    """`body` as HTTP/1.1 sends what it does not know the length of."""
    pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def test_two_authorization_headers_are_one_too_many(connection: HTTPConnection, secret: str) -> None:
    for other in (f"Bearer {secret}", "Bearer x", "Basic eDp5"):
        status, body = ask(connection, "GET", PATH, [("Authorization", f"Bearer {secret}"), ("Authorization", other)])
        assert (status, body["errors"][0]["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("value", [b"Bearer \xc3\xa9", b"Bearer\tx", b"Bearer \xa0x", b"Bearer x\x01", b"\xff"])
def test_bytes_that_no_token_has_let_nobody_in(connection: HTTPConnection, value: bytes) -> None:
    connection.putrequest("GET", PATH)
    connection.putheader("Authorization", value)
    connection.endheaders()
    assert connection.getresponse().status in (400, 401)  # the server itself refuses some of them


def test_a_body_in_chunks_is_read(connection: HTTPConnection, secret: str) -> None:
    headers: list[tuple[str, str | bytes]] = [
        ("Authorization", f"Bearer {secret}"),
        ("Content-Type", "application/json"),
        ("Transfer-Encoding", "chunked"),
    ]
    status, body = ask(connection, "POST", f"{PATH}/tokens/", headers, chunks(b'{"token": {"purpose": "In chunks"}}'))
    assert (status, body["purpose"]) == (200, "In chunks")


@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_huge_body_is_refused_however_it_comes(connection: HTTPConnection, secret: str, is_chunked: bool) -> None:
    huge = b"x" * 100_000
    length = ("Transfer-Encoding", "chunked") if is_chunked else ("Content-Length", str(len(huge)))
    headers: list[tuple[str, str | bytes]] = [("Authorization", f"Bearer {secret}"), length]
    status, body = ask(connection, "POST", f"{PATH}/tokens", headers, chunks(huge) if is_chunked else huge)
    assert (status, body["errors"][0]["code"]) == (413, "body_too_large")


def test_head_answers_like_get_without_a_body(connection: HTTPConnection, secret: str) -> None:
    assert ask(connection, "HEAD", PATH, [("Authorization", f"Bearer {secret}")]) == (200, None)


def test_options_says_which_methods_there_are(connection: HTTPConnection, secret: str) -> None:
    connection.request("OPTIONS", f"{PATH}/tokens/5", headers={"Authorization": f"Bearer {secret}"})
    response = connection.getresponse()
    assert (response.status, response.headers["Allow"]) == (200, "GET, PUT, DELETE, HEAD, OPTIONS")


def test_a_path_that_is_none_is_said_in_json_even_where_debug_is_on(connection: HTTPConnection) -> None:
    status, body = ask(connection, "GET", "/api/v1/nothing/", [])
    assert (status, body["errors"][0]["code"]) == (404, "not_found")
