"""Requests as bytes on a socket, to the real web server: what no client library would send."""

import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from random import Random

from tests.torture.hostile.headers import Credential, changed

SECONDS = 20
HOST = b"Host: localhost\r\n"
_OWS = b" \t"  # a server takes it away around a value (RFC 9110, section 5.5)


@dataclass(frozen=True)
class Said:
    """A request as it goes out, and whether it has to be let in: None where a server may say either."""

    request: bytes
    is_good: bool | None
    is_cut_off: bool = False  # the server could wait for more; it hears that none comes


def status_of(port: int, request: bytes, *, is_cut_off: bool = False) -> int:
    """The status of the first answer; 0 where the server hangs up without one."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=SECONDS)) as line:
        with suppress(OSError):  # it may hang up while we still speak
            line.sendall(request)
            if is_cut_off:
                line.shutdown(socket.SHUT_WR)
        got = b""
        with suppress(OSError):
            while more := line.recv(65536):
                got += more
    return int(got[9:12]) if got.startswith(b"HTTP/1.") else 0


def with_headers(*values: bytes) -> bytes:
    """A request to /verify with as many `Authorization` headers."""
    lines = b"".join(b"Authorization: " + value + b"\r\n" for value in values)
    return b"GET /verify HTTP/1.1\r\n" + HOST + lines + b"Connection: close\r\n\r\n"


def of_bytes(good: Credential, random: Random, count: int) -> Iterator[Said]:
    """Some of all bytes at all places."""
    for header in random.sample(list(changed(good)), count):
        splits = b"\n" in header or b"\r" in header  # then it is no longer one value
        yield Said(with_headers(header), None if splits else good.is_in(header.strip(_OWS)))


def odd(good: Credential, bad: Credential) -> Iterator[Said]:
    """Two headers, folded ones, long ones, and requests that are none."""
    yield Said(with_headers(good.header), True)
    for values in (
        (good.header, bad.header),
        (bad.header, good.header),
        (good.header, good.header),
        (b"", good.header),
    ):
        yield Said(with_headers(*values), False)
    first, rest = good.scheme, good.credential
    for fold in (b"\r\n ", b"\r\n\t", b"\n ", b"\r "):
        yield Said(with_headers(first + fold + rest), False)
        yield Said(with_headers(first + b" " + rest[:20] + fold + rest[20:]), False)
    yield Said(with_headers(b"\x00" + good.header), False)
    yield Said(with_headers(good.header + b"a" * 100_000), False)
    yield Said(with_headers(b"a" * 2_000_000), False)
    for line in (
        b"Authorization : " + good.header,
        b" Authorization: " + good.header,
        b"Authorization",
        b"X: y\r\n" * 5_000,
    ):
        yield Said(b"GET /verify HTTP/1.1\r\n" + HOST + line + b"\r\nConnection: close\r\n\r\n", None)
    yield from _lines()
    yield from _bodies()


def _lines() -> Iterator[Said]:
    for line in (
        *(b"GET", b"GET /verify", b"GET  /verify HTTP/1.1", b"GET /ver\x00ify HTTP/1.1", b"GET /\xff\xfe HTTP/1.1"),
        *(
            b"GET verify HTTP/1.1",
            b"GET http:// HTTP/1.1",
            b"GET /verify HTTP/9.9",
            b"GET /verify HTTP/1.1 x",
            b"\x16\x03\x01",
        ),
        *(
            b"PRI * HTTP/2.0",
            b"OPTIONS * HTTP/1.1",
            b"CONNECT localhost:1 HTTP/1.1",
            b"G\x00T / HTTP/1.1",
            b"TRACE / HTTP/1.1",
        ),
        *(b"GET /" + b"a" * 200_000 + b" HTTP/1.1", b"GET /login/?" + b"a=1&" * 40_000 + b" HTTP/1.1", b"X" * 70_000),
        *(
            b"GET /%00 HTTP/1.1",
            b"GET /%ff HTTP/1.1",
            b"GET /%zz HTTP/1.1",
            b"GET // HTTP/1.1",
            b"GET /../../etc/passwd HTTP/1.1",
        ),
    ):
        yield Said(line + b"\r\n" + HOST + b"Connection: close\r\n\r\n", None, is_cut_off=True)


def _bodies() -> Iterator[Said]:
    start = b"POST /oauth2/introspect HTTP/1.1\r\n" + HOST + b"Connection: close\r\n"
    for lines in (
        *(b"Content-Length: -1\r\n\r\n", b"Content-Length: x\r\n\r\n", b"Content-Length: 99999999999999999999\r\n\r\n"),
        *(
            b"Content-Length: 5\r\n\r\nab",
            b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            b"Content-Length: \xd9\xa1\r\n\r\n",
        ),
        *(
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
            b"Transfer-Encoding: x\r\n\r\n",
        ),
        *(
            b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\n",
        ),
        b"Transfer-Encoding: chunked\r\n\r\n" + b"ffffffffffffffff\r\n" + b"a" * 100,
    ):
        yield Said(start + lines, None, is_cut_off=True)
    chunks = b"".join(b"400\r\n" + b"m" * 1024 + b"\r\n" for _each in range(100)) + b"0\r\n\r\n"
    yield Said(
        b"POST /api/v1/token_imports HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks, None, True
    )


def wrong_on(port: int, said: Iterator[Said]) -> Iterator[str]:
    """Every request that is answered otherwise than it must be, in words."""
    for each in said:
        status = status_of(port, each.request, is_cut_off=each.is_cut_off)
        is_wrong = each.is_good is not None and (status == 200) != each.is_good
        if status >= 500 or is_wrong:
            yield f"{each.request[:160]!r} of {len(each.request)} bytes: {status}"
