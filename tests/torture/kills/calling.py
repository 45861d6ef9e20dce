"""Calls over a kept connection, each under a name of its own; an answer that was lost is no acknowledgement."""

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlencode

SECONDS = 120  # nobody gives up before the server does, or what it still does would come as a surprise
LOST = 0


class Reply(NamedTuple):
    """What came back; status 0 where nothing did."""

    name: str
    status: int
    body: Any = None
    to: str = ""  # where a page leads on to

    @property
    def is_lost(self) -> bool:
        """Whether nobody knows what was done: 5xx can be said of what was committed a moment ago."""
        return self.status == LOST or self.status >= 500

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 400

    @property
    def codes(self) -> list[str]:
        """Why an API refused."""
        errors = self.body.get("errors", []) if isinstance(self.body, dict) else []
        return [each["code"] for each in errors]


class Caller:
    """Somebody who calls as one person. `counts` has every status that was answered."""

    def __init__(self, port: int, name: str, headers: Mapping[str, str]) -> None:
        self.port, self.name, self.headers = port, name, dict(headers)
        self.counts: Counter[int] = Counter()
        self._numbers = count()
        self._connection: HTTPConnection | None = None

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Reply:
        """Call the API."""
        body = None if data is None else json.dumps(data).encode()
        return self._send(method, f"/api/v1/{path}", body, {"Content-Type": "application/json", **headers})

    def post_form(self, path: str, fields: Mapping[str, str]) -> Reply:
        """Send a form of a page."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", path, urlencode(fields).encode(), kind)

    def get_page(self, path: str) -> Reply:
        return self._send("GET", path, None, {})

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        name = f"{self.name}-{next(self._numbers):07}"
        given = {**self.headers, **{key.replace("_", "-"): value for key, value in headers.items()}}
        try:
            answer, text = self._ask(method, path, body, {**given, "X-Request-Id": name})
        except (OSError, HTTPException):
            self.close()
            self.counts[LOST] += 1
            return Reply(name, LOST)
        self.counts[answer.status] += 1
        is_json = answer.headers.get_content_type() == "application/json"
        with suppress(ValueError):
            return Reply(
                name, answer.status, json.loads(text) if is_json else text.decode(), answer.headers["Location"]
            )
        return Reply(name, LOST)

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        self._connection.request(method, path, body, headers=dict(headers))
        answer = self._connection.getresponse()
        return answer, answer.read()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def bearing(port: int, name: str, secret: str) -> Caller:
    return Caller(port, name, {"Authorization": f"Bearer {secret}"})


def browsing(port: int, name: str, who: Mapping[str, Any]) -> Caller:
    """Whoever `tests.torture.kills.school` has signed in."""
    return Caller(port, name, {"Cookie": who["cookie"], "X-CSRFToken": who["csrf"]})
