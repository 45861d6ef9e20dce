"""The three doors, asked over kept connections with as little work as can be: the server is to be the busy one."""

import base64
import socket
from collections.abc import Callable
from enum import StrEnum
from urllib.parse import quote

SECONDS = 30
NAMES = ("verify", "introspect", "api")


class Answer(StrEnum):
    """What a door said."""

    YES = "yes"
    NO = "no"
    AWAY = "away"  # 503
    LOST = "lost"  # the server hung up, twice
    ODD = "odd"  # anything else


class Line:
    """A kept connection. Made anew when the server closes it, which it may between two requests."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; return status and body. (0, b"") where the server hung up twice."""
        for _attempt in range(2):
            try:
                return self._ask(request)
            except (OSError, ValueError):
                self.close()
        return 0, b""

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        got = b""
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._more(self._socket)
        length = _length(got[:end].lower())
        while len(got) < end + 4 + length:
            got += self._more(self._socket)
        return int(got[9:12]), got[end + 4 :]

    @staticmethod
    def _more(connection: socket.socket) -> bytes:
        more = connection.recv(65536)
        if not more:
            raise ConnectionResetError
        return more


def _length(head: bytes) -> int:
    """The length of a body, by its header in small letters."""
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        raise ValueError("an answer without a length")
    return int(head[at + 17 :].split(b"\r\n", 1)[0])


Ask = Callable[[str], Answer]


def doors(port: int, verifier: tuple[str, str], line: Line | None = None) -> dict[str, Ask]:
    """A way to ask each door, by its name; over `line`, for whoever wants to close it."""
    line = line or Line(port)
    who = base64.b64encode(":".join(verifier).encode()).decode()

    others = {503: Answer.AWAY, 0: Answer.LOST}

    def by_header(path: str, secret: str) -> Answer:
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n\r\n"
        status, _body = line.ask(head.encode())
        return {200: Answer.YES, 401: Answer.NO, **others}.get(status, Answer.ODD)

    def introspect(secret: str) -> Answer:
        body = f"token={quote(secret)}"
        head = f"POST /oauth2/introspect HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {who}\r\n"
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        status, got = line.ask((head + kind + body).encode())
        if status == 200:
            return Answer.NO if got == b'{"active":false}' else Answer.YES
        return others.get(status, Answer.ODD)

    def verify(secret: str) -> Answer:
        return by_header("/verify", secret)

    def api(secret: str) -> Answer:
        return by_header("/api/v1/users/self", secret)

    return dict(zip(NAMES, (verify, introspect, api), strict=True))
