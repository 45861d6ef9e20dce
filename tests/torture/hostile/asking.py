"""Sends bytes to the portal's WSGI application in this process, as a web server would hand them on."""

import io
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.signals import request_finished, request_started
from django.db import close_old_connections

logger = logging.getLogger(__name__)
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True)
class Request:
    """One request. `target` is as it stands in the request line; header values are text of latin-1, one a byte."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    kind: str = ""

    @property
    def environ(self) -> dict[str, Any]:
        """As PEP 3333 has it."""
        path, _mark, query = self.target.partition("?")
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        return {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.9",
            "CONTENT_TYPE": self.kind,
            "CONTENT_LENGTH": str(len(self.body)),
            "HTTP_HOST": "testserver",
            "HTTP_USER_AGENT": "tests",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **named,
        }


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header; empty where there is none."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), "")

    @property
    def kind(self) -> str:
        return self.header("Content-Type").partition(";")[0]


def send(application: Application, request: Request) -> Answer:
    """Ask the application, and read its answer to the end; 500 where it has none, as a web server says."""
    try:
        return _send(application, request)
    except Exception as error:  # whatever it is
        logger.exception("The application has no answer")
        return Answer(500, (), repr(error).encode())


def _send(application: Application, request: Request) -> Answer:
    said: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        said[:] = [status, headers]

    parts = application(request.environ, start_response)
    try:
        body = b"".join(_read(parts))
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return Answer(int(said[0].split()[0]), tuple(said[1]), body)


def _read(parts: Iterable[bytes]) -> Iterator[bytes]:
    yield from parts


@contextmanager
def keeping_the_connection() -> Iterator[None]:
    """Let requests be part of a transaction, as Django's own test client does: it would close its connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
