"""What reads the bytes of strangers, as targets for whoever makes these: each must read or refuse, and never fail."""

import contextlib
import io
from collections.abc import Callable
from zoneinfo import ZoneInfo

from accounts.parameters import day_in, number_in, words_in
from policies.expiry import LAST_YEAR, parse_expiry
from policies.refusals import Refused
from tokenportal.parsers import FormParser, JSONParser, MultiPartParser
from tokens import secrets
from tokens.gateway.http import BadForm, Request

ZONE = ZoneInfo("Europe/Paris")


def token_string(data: bytes) -> None:
    """What is read as a token is one to the letter, and nothing of it is left where it is masked."""
    text = data.decode("latin-1")
    presented = secrets.parse(text)
    assert presented is None or (presented.text == text and secrets.parse(presented.text) == presented)
    assert secrets.mask(secrets.mask(text)) == secrets.mask(text)
    if secrets.shape("tpat").search(text):
        assert secrets.found_in(text)
        assert not secrets.shape("tpat").search(secrets.mask(text))


def basic(data: bytes) -> None:
    """A name and a password, or nothing."""
    found = Request({"REQUEST_METHOD": "POST", "HTTP_AUTHORIZATION": data.decode("latin-1")}).basic()
    assert found is None or all(isinstance(each, str) for each in found)


def form_of_a_door(data: bytes) -> None:
    """Fields in their order, or BadForm."""
    environ = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(data)), "wsgi.input": io.BytesIO(data)}
    with contextlib.suppress(BadForm):
        assert all(len(pair) == 2 for pair in Request(environ).form)


def body(data: bytes) -> None:
    """JSON, a form or a form in parts; what is read can be written down again."""
    for parser, kind in (
        (JSONParser(), "application/json"),
        (FormParser(), "application/x-www-form-urlencoded"),
        (MultiPartParser(), "multipart/form-data; boundary=x"),
    ):
        context = {"request": _Asked(kind), "encoding": "utf-8"}
        try:
            repr(parser.parse(io.BytesIO(data), kind, context)).encode()
        except Refused:
            continue


class _Asked:
    """As much of a request as a parser looks at."""

    upload_handlers: list[object] = []  # nothing is added

    def __init__(self, kind: str) -> None:
        self.META = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": "1"}


def date(data: bytes) -> None:
    """A moment within the years that there are, or Refused."""
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(Refused):
        assert parse_expiry(text, ZONE).year <= LAST_YEAR + 1
    day_in(text)
    number = number_in(text)
    assert number is None or 0 <= number < 10**18
    assert "\0" not in words_in(text)


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each for each in (token_string, basic, form_of_a_door, body, date)
}
