"""One attempt: a POST to the address that was looked at, over before its deadline whatever the other side does.

No redirect is followed, no proxy asked, and no more of the answer read than its beginning.
"""

import io
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import monotonic
from typing import Any

from tokens.models import Delivery, Trouble
from tokens.texts import quoted
from tokens.webhooks.addresses import Resolve, Target, Unreachable, look_up

DEADLINE = 10.0  # seconds, from the look at the name to the last byte
MOST_OF_ANSWER = 1024  # bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: a status, or why there is none."""

    took_ms: int
    status: int | None = None
    text: str = ""
    retry_after: str = ""
    trouble: Trouble = Trouble.NONE

    @property
    def is_taken(self) -> bool:
        """Whether the other side has it."""
        return self.status is not None and 200 <= self.status < 300

    def asks_to_wait(self, now: datetime) -> float:
        """For how many seconds the other side asks to be left alone; 0 where it does not."""
        text = self.retry_after.strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
        except (TypeError, ValueError):
            return 0.0


class Clock:
    """How much is left of an attempt."""

    def __init__(self, seconds: float) -> None:
        self._began, self._seconds = monotonic(), seconds

    @property
    def left(self) -> float:
        """Seconds. Raises TimeoutError where none are left."""
        left = self._began + self._seconds - monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    @property
    def took_ms(self) -> int:
        return round((monotonic() - self._began) * 1000)


class _Reader(io.RawIOBase):
    """A socket's bytes, each wait for which is as long as what is left."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self._sock, self._clock = sock, clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._clock.left)
        return self._sock.recv_into(buffer)


class _Line:
    """As much of a socket as http.client asks for."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self._sock, self._clock = sock, clock

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._clock.left)
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._sock, self._clock), 1024)

    def close(self) -> None:
        """Leave it to who opened it: what is answered has yet to be read."""


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolve: Resolve = socket.getaddrinfo,
    deadline: float = DEADLINE,
) -> Answer:
    """Send a body, and read how it is answered. Raises nothing that the other side can cause."""
    clock = Clock(deadline)
    try:
        with _connect(target, clock, resolve) as sock:
            return _ask(_Line(sock, clock), target, body, headers, clock)
    except Unreachable as unreachable:
        trouble = unreachable.trouble
    except TimeoutError:
        trouble = Trouble.LATE
    except ssl.SSLError:
        trouble = Trouble.CERTIFICATE
    except OSError:
        trouble = Trouble.CONNECTION
    except (HTTPException, ValueError):
        trouble = Trouble.BROKEN
    return Answer(clock.took_ms, trouble=trouble)


def _connect(target: Target, clock: Clock, resolve: Resolve) -> socket.socket:
    """A connection to an address that was looked at, under the name that the certificate has to bear."""
    sock = _reach(look_up(target, resolve=resolve), target.port, clock)
    if not target.is_tls:
        return sock
    try:
        sock.settimeout(clock.left)
        return ssl.create_default_context().wrap_socket(sock, server_hostname=target.host)
    except BaseException:
        sock.close()
        raise


def _reach(addresses: list[str], port: int, clock: Clock) -> socket.socket:
    """A connection to the first of these that takes one; these are numbers, so that no name is looked up again."""
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout=clock.left / 2)
    return socket.create_connection((addresses[-1], port), timeout=clock.left)


def _ask(line: _Line, target: Target, body: bytes, headers: Mapping[str, str], clock: Clock) -> Answer:
    asked = HTTPConnection(target.host, target.port)
    asked.sock = line
    asked.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": target.named, "Content-Length": str(len(body)), **headers}.items():
        asked.putheader(name, value)
    asked.endheaders(body)
    answer = asked.getresponse()
    text = quoted(_beginning(answer).decode("utf-8", "replace"), most=Delivery.ANSWER_LENGTH)
    return Answer(clock.took_ms, answer.status, text, answer.headers.get("Retry-After", ""))


def _beginning(answer: HTTPResponse) -> bytes:
    """The first bytes of what it says, as far as they come in time; what it means its status has said."""
    found = b""
    try:
        while len(found) < MOST_OF_ANSWER and (some := answer.read1(MOST_OF_ANSWER - len(found))):
            found += some
    except (OSError, HTTPException, ValueError):
        pass
    return found
