"""Calls a door as a web server would, without one."""

import base64
import io
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tokens import gateway


@dataclass(frozen=True)
class Answer:
    """What a door answered."""

    code: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    path: str,
    *,
    method: str = "GET",
    form: list[tuple[str, str]] | dict[str, str] | None = None,
    raw: bytes | None = None,
    kind: str = "application/x-www-form-urlencoded",
    authorization: str | None = None,
    query: str = "",
    **environ: object,
) -> Answer:
    """Send one request through the gateway."""
    body = raw if raw is not None else urlencode(form or {}).encode()
    seen: list[Any] = []
    values: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": kind if body else "",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_USER_AGENT": "tests",
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    if authorization is not None:
        values["HTTP_AUTHORIZATION"] = authorization
    door = gateway.door_of(path)
    assert door is not None
    sent = b"".join(gateway.answer(door, values, lambda status, headers: seen.extend((status, headers))))
    status, headers = seen
    return Answer(int(status.split()[0]), dict(headers), sent)


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
