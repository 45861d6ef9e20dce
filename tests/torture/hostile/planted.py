"""The portal with faults, for the harness to find: on one value a failure, on one byte a header too many let in."""

from collections.abc import Iterable
from typing import Any

from tests.torture.hostile.asking import Application
from tokenportal.wsgi import application

FATAL = "%ED%A0%80"  # half of a surrogate pair, in an address
__all__ = ["FATAL", "failing", "lenient", "shouting"]


def failing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Fails at the sight of half a surrogate pair in a query or a path."""
    if "\xed\xa0\x80" in environ["PATH_INFO"] or FATAL in environ["QUERY_STRING"]:
        raise UnicodeError(FATAL)
    return application(environ, start_response)


def lenient(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Takes a tabulator for a space in the `Authorization` header."""
    header = environ.get("HTTP_AUTHORIZATION", "")
    return application({**environ, "HTTP_AUTHORIZATION": header.replace("\t", " ", 1)}, start_response)


def shouting(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Shows the credential again where it is refused."""
    body = b"".join(application(environ, start_response))
    return [body + environ.get("HTTP_COOKIE", "").encode() + environ.get("HTTP_AUTHORIZATION", "").encode()]


FAULTS: dict[str, Application] = {"failing": failing, "lenient": lenient, "shouting": shouting}
