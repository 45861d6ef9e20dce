"""A constant answer: the most that the web server itself can do on this machine."""

from collections.abc import Callable, Iterable
from typing import Any

HEADERS = [("Content-Length", "0"), ("Cache-Control", "no-store")]


def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as PEP 3333 says."""
    start_response("200 OK", HEADERS)
    return [b""]
