"""The three doors that ask for a credential, each with one that is good, and the judgement of what is let in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.hostile.asking import FORM, Answer, Application, Request, send
from tests.hostile.headers import Credential, basic, bearer
from tests.hostile.judging import wrong_with
from tests.hostile.people import People


@dataclass(frozen=True)
class Door:
    """A request that needs nothing but its credential to be answered with 200."""

    name: str
    good: Credential
    request: Request

    def asked(self, header: bytes) -> Request:
        return Request(
            self.request.method,
            self.request.target,
            {"Authorization": header.decode("latin-1")},
            self.request.body,
            self.request.kind,
        )


def doors(people: People) -> dict[str, Door]:
    """By name."""
    secret = people.bearers["student"]
    service, token = basic(*people.world.client), f"token={secret}".encode()
    found = (
        Door("verify", bearer(secret), Request("GET", "/verify")),
        Door("api", bearer(secret), Request("GET", "/api/v1/tokens/self")),
        Door("introspect", service, Request("POST", "/oauth2/introspect", {}, token, FORM)),
    )
    return {door.name: door for door in found}


def wrong_at(application: Application, door: Door, headers: Iterable[bytes], secrets: list[str]) -> Iterator[str]:
    """Every header that is answered otherwise than it must be, in words."""
    for header in headers:
        request = door.asked(header)
        answer = send(application, request)
        for words in (*wrong_with(request, answer, secrets), *misjudged(door, header, answer)):
            yield f"{door.name}: {header[:120]!r} of {len(header)} bytes: {words}"


def misjudged(door: Door, header: bytes, answer: Answer) -> Iterator[str]:
    """Let in is whoever says the same credential, and nobody else."""
    if (answer.status == 200) != door.good.is_in(header):
        yield f"answered with {answer.status}"
    if answer.status not in (200, 400, 401):
        yield f"answered with {answer.status}, which is neither yes nor no"
