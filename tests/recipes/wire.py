"""HTTP as bytes: names that no client library lets through, and an upstream that shows what arrived, byte by byte."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

Header = tuple[str, str]
SECONDS = 50


@dataclass(frozen=True)
class Reply:
    """What came back. `arrived` are the headers that the upstream got, None where it was not asked."""

    code: int
    headers: dict[str, str]
    body: bytes

    @property
    def upstream(self) -> dict[str, Any] | None:
        return json.loads(self.body) if self.headers.get("x-upstream") == "echo" else None

    @property
    def arrived(self) -> list[Header] | None:
        """The headers that the upstream got, in their order; None where it was not asked."""
        return None if self.upstream is None else [(name, value) for name, value in self.upstream["headers"]]


def send(port: int, headers: list[Header], *, path: str = "/", method: str = "GET", body: bytes = b"") -> Reply:
    """Send one request, with these headers as they are; a server that just hangs up counts as 400."""
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers)]
    if body:
        head.append(f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + body)
        with HTTPResponse(connection, method=method) as response:
            response.begin()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, names, response.read())


class _Echo(BaseRequestHandler):
    """Answers one request, then hangs up."""

    def handle(self) -> None:
        got = b""
        while b"\r\n\r\n" not in got and (more := self.request.recv(65536)):
            got += more
        head, _end, body = got.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        headers = [[name, value.strip()] for name, _colon, value in (each.partition(":") for each in lines)]
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        while len(body) < length and (more := self.request.recv(65536)):
            body += more
        text = json.dumps({"line": line, "headers": headers, "body": body.decode("latin-1")}).encode()
        answer = b"HTTP/1.1 200 OK\r\nX-Upstream: echo\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
        self.request.sendall(answer % (len(text), text))


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def echoing() -> Iterator[int]:
    """Run the upstream; gives its port."""
    with _Server(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def hanging() -> Iterator[int]:
    """Give the port of a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]
