"""As much of HTTP as the doors need: a WSGI request, read with care, and an answer."""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

MOST_BODY = 64 * 1024
_BASIC = re.compile(r"basic +([0-9A-Za-z+/]+=*)", re.IGNORECASE | re.ASCII)
_NO_STORE = ("Cache-Control", "no-store")
_STATUS = {each.value: f"{each.value} {each.phrase}" for each in HTTPStatus}
_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(slots=True)  # frozen ones take three times as long to make
class Response:
    """A finished answer."""

    code: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return _STATUS[self.code]


class BadForm(Exception):
    """The body is not the form it should be; the message says why."""


class Request:
    """What a door asks of a WSGI environ; nothing is read before it is asked for."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ
        self.method: str = environ["REQUEST_METHOD"]

    @property
    def authorization(self) -> str | None:
        return self.environ.get("HTTP_AUTHORIZATION")

    @property
    def query(self) -> list[tuple[str, str]]:
        text = self.environ.get("QUERY_STRING")
        return parse_qsl(text, keep_blank_values=True) if text else []

    @cached_property
    def body(self) -> bytes:
        """The body. Raises BadForm over 64 KiB."""
        length = self.environ.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit() or int(length) > MOST_BODY:
            raise BadForm("The body is too large.")
        body: bytes = self.environ["wsgi.input"].read(int(length))
        return body

    @property
    def content_type(self) -> str:
        return str(self.environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()

    @cached_property
    def form(self) -> list[tuple[str, str]]:
        """The fields of a form body, in order. Raises BadForm."""
        if self.content_type not in ("application/x-www-form-urlencoded", ""):
            raise BadForm("Send a form: application/x-www-form-urlencoded.")
        try:
            return parse_qsl(self.body.decode("ascii"), keep_blank_values=True, max_num_fields=1000, errors="strict")
        except ValueError as error:
            raise BadForm("The body is not a well-formed form.") from error

    def field(self, name: str) -> str | None:
        """The one value of a form field; None where it is missing. Raises BadForm where it comes twice."""
        values = [value for key, value in self.form if key == name]
        if len(values) > 1:
            raise BadForm(f"{name} is given more than once.")
        return values[0] if values else None

    def basic(self) -> tuple[str, str] | None:
        """The credentials of HTTP Basic, decoded as RFC 6749 section 2.3.1 says; None where they are malformed.

        Base64 has one spelling here (RFC 4648, section 3.5): bits that mean nothing must not differ.
        """
        found = _BASIC.fullmatch(self.authorization or "")
        if found is None:
            return None
        try:
            decoded = base64.b64decode(found[1], validate=True)
            name, colon, password = decoded.decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        if base64.b64encode(decoded).decode() != found[1]:
            return None
        return (unquote_plus(name), unquote_plus(password)) if colon else None


def as_json(code: int, value: object, *headers: tuple[str, str]) -> Response:
    """A JSON answer that nobody keeps."""
    body = _encode(value).encode()
    kind = ("Content-Type", "application/json")
    return Response(code, body, [kind, ("Content-Length", str(len(body))), _NO_STORE, *headers])


def empty(code: int, *headers: tuple[str, str]) -> Response:
    """An answer without a body."""
    return Response(code, b"", [("Content-Length", "0"), _NO_STORE, *headers])


def oauth_error(code: int, error: str, description: str, *headers: tuple[str, str]) -> Response:
    """An error as RFC 6749 section 5.2 writes it."""
    return as_json(code, {"error": error, "error_description": description}, *headers)


def only_post() -> Response:
    return oauth_error(405, "invalid_request", "Use POST.", ("Allow", "POST"))


QUARANTINED = oauth_error(
    503,
    "quarantined",
    "The portal was restored, and may not answer before its journal is replayed.",
    ("Retry-After", "10"),
)
UNAVAILABLE = oauth_error(503, "temporarily_unavailable", "Try again in a moment.", ("Retry-After", "1"))
