"""What may be wrong with an answer, whatever was asked."""

import json
from collections.abc import Iterator
from typing import Any

from tests.matrix.routes import GATEWAY
from tests.torture.hostile.asking import Answer, Request
from tests.torture.hostile.values import MARK
from tokenportal.problems import CODES

# As it would stand in a page that does not escape what it shows.
RAW = (f"<script>{MARK}".encode(), f'" onfocus={MARK}'.encode())
_CODES = frozenset(CODES)


def is_refusal(answer: Answer) -> bool:
    """Whether nothing was let in: an error, or the way by the sign-in page."""
    return answer.status >= 400 or answer.header("Location").startswith("/login/?")


def wrong_with(request: Request, answer: Answer, secrets: list[str]) -> Iterator[str]:
    """All that is wrong with it, in words."""
    if answer.status >= 500:
        yield f"failed with {answer.status}"
        return
    if any(mark in answer.body for mark in RAW) and answer.kind == "text/html":
        yield "shows what was sent unescaped"
    if any(f"x-{MARK}" in name.lower() or set("\r\n\0") & set(value) for name, value in answer.headers):
        yield "lets what was sent out of its header"
    shown = [secret for secret in secrets if secret.encode() in answer.body]
    if any(secret not in request.target and secret.encode() not in request.body for secret in shown):
        yield "shows a secret"  # a form may show again what somebody has typed into it, to themselves
    if answer.status >= 400 and request.method != "HEAD":
        yield from _form_of(request, answer)


def _form_of(request: Request, answer: Answer) -> Iterator[str]:
    """The house's forms of an error: of the API, of the doors, of the pages."""
    path = request.environ["PATH_INFO"]
    if path.startswith("/api/") and path.rstrip("/") != "/api/schema":  # that is YAML, and so are its refusals
        if not _is_error(answer, "errors"):
            yield "refuses in no form of the API's"
    elif path in GATEWAY or path.rstrip("/") in GATEWAY or path.startswith("/verify"):
        if answer.body and not _is_error(answer, "error"):
            yield "refuses in no form of RFC 6749"
    elif answer.body and answer.kind == "text/html" and b"<html" not in answer.body:
        yield "refuses with no page of ours"


def _is_error(answer: Answer, name: str) -> bool:
    try:
        said = json.loads(answer.body)
    except ValueError:
        return False
    errors: Any = said.get(name) if isinstance(said, dict) else None
    if name == "error":
        return isinstance(errors, str) and isinstance(said.get("error_description"), str)
    return bool(errors) and isinstance(errors, list) and all(_is_named(each) for each in errors)


def _is_named(error: Any) -> bool:
    return isinstance(error, dict) and error.get("code") in _CODES and bool(error.get("message"))
