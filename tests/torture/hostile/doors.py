"""The doors that ask for a credential, each with one that is good, and the judgement of what is let in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from tests.gateway.asking import basic as service_of
from tests.torture.hostile.asking import FORM, Answer, Application, Request, send
from tests.torture.hostile.headers import Credential, basic, bearer
from tests.torture.hostile.judging import wrong_with
from tests.torture.hostile.people import People


@dataclass(frozen=True)
class Door:
    """A request that needs nothing but its credential to be answered with 200, in the header `Authorization`."""

    name: str
    good: Credential
    request: Request

    def is_let_in(self, answer: Answer) -> bool:
        return answer.status == 200

    def asked(self, header: bytes) -> Request:
        return Request(
            self.request.method,
            self.request.target,
            {"Authorization": header.decode("latin-1")},
            self.request.body,
            self.request.kind,
        )


@dataclass(frozen=True)
class Field(Door):
    """A token in a field of a form, that a service asks about: let in is what is active."""

    def is_let_in(self, answer: Answer) -> bool:
        return b'"active":true' in answer.body

    def asked(self, header: bytes) -> Request:
        body = b"token=" + quote(header, safe="").encode()
        return Request("POST", self.request.target, self.request.headers, body, FORM)


@dataclass(frozen=True)
class Bare(Credential):
    """A credential without a scheme."""

    @property
    def header(self) -> bytes:
        return self.credential

    def is_in(self, header: bytes) -> bool:
        return header == self.credential


def doors(people: People) -> dict[str, Door]:
    """By name."""
    secret = people.bearers["student"]
    asking = {"Authorization": service_of(*people.world.client)}
    service, token = basic(*people.world.client), f"token={secret}".encode()
    found = (
        Door("verify", bearer(secret), Request("GET", "/verify")),
        Door("api", bearer(secret), Request("GET", "/api/v1/tokens/self")),
        Door("introspect", service, Request("POST", "/oauth2/introspect", {}, token, FORM)),
        Door("batch", service, Request("POST", "/oauth2/introspect/batch", {}, token, FORM)),
        Field("field", Bare(b"", secret.encode()), Request("POST", "/oauth2/introspect", asking)),
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
    if door.is_let_in(answer) != door.good.is_in(header):
        yield f"answered with {answer.status}"
    if answer.status not in (200, 400, 401):
        yield f"answered with {answer.status}, which is neither yes nor no"
