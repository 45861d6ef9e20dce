"""One request to a door, and what the answer comes to."""

import base64
import json
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlencode

SECONDS = 60
DOORS = ("verify", "introspect", "api")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Answer(StrEnum):
    """What a door said."""

    YES = "yes"
    NO = "no"
    LATER = "later"  # 503 with Retry-After
    ODD = "odd"  # anything else, also nothing at all


@dataclass
class Asker:
    """Keeps one connection to each server, and the credentials of a service."""

    verifier: tuple[str, str]
    lines: dict[int, HTTPConnection] = field(default_factory=dict)

    def close(self) -> None:
        for line in self.lines.values():
            line.close()

    def ask(self, port: int, door: str, secret: str) -> Answer:
        """Ask about a token."""
        bearer = {"Authorization": f"Bearer {secret}"}
        if door == "introspect":
            credentials = base64.b64encode(":".join(self.verifier).encode()).decode()
            code, body, wait = self.send(
                port, "POST", "/oauth2/introspect", {"Authorization": f"Basic {credentials}", **FORM}, {"token": secret}
            )
            if code == 200:
                return Answer.YES if json.loads(body).get("active") is True else Answer.NO
            return Answer.LATER if code == 503 and wait else Answer.ODD
        code, _body, wait = self.send(port, "GET", "/verify" if door == "verify" else "/api/v1/users/self", bearer)
        if code == 503:
            return Answer.LATER if wait else Answer.ODD
        return {200: Answer.YES, 401: Answer.NO}.get(code, Answer.ODD)

    def send(
        self, port: int, method: str, path: str, headers: dict[str, str], form: dict[str, str] | None = None
    ) -> tuple[int, bytes, str | None]:
        """Send one request; status, body and Retry-After, or (0, b"", None) where nobody answered.

        A kept connection that the server closed meanwhile is made anew once, before anything of the request was taken.
        """
        body = urlencode(form).encode() if form is not None else None
        for _attempt in range(2):
            line = self.lines.setdefault(port, HTTPConnection("127.0.0.1", port, timeout=SECONDS))
            try:
                line.request(method, path, body, headers)
                response: HTTPResponse = line.getresponse()
                return response.status, response.read(), response.headers["Retry-After"]
            except (OSError, HTTPException):
                line.close()
                del self.lines[port]
        return 0, b"", None
