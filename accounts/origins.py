"""Where a request comes from: its id, the client's address and its name for itself, read from a WSGI environ."""

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from django.conf import settings

from accounts.lookout import without_secrets

_REQUEST_ID = re.compile(r"[0-9A-Za-z._-]{8,64}", re.ASCII)
Environ = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act came from: one request, one command, one job; by which token, as its lookup id, if by one."""

    request_id: str = ""
    address: str | None = None
    agent: str = ""
    token: str = ""


origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039  # frozen


@contextmanager
def acting_from(environ: Environ) -> Iterator[Origin]:
    """Let the audit trail know where what happens in this block comes from."""
    came_from = Origin(request_id(environ), address_of(environ), agent_of(environ))
    reset = origin.set(came_from)
    try:
        yield came_from
    finally:
        origin.reset(reset)


def note_token(lookup_id: str) -> None:
    """Let the audit trail know by which token the rest of this request comes."""
    origin.set(replace(origin.get(), token=lookup_id))


def request_id(environ: Environ) -> str:
    """A well-formed `X-Request-Id` of a proxy's, else a new one."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def address_of(environ: Environ) -> str | None:
    """The client's address; behind proxies of ours, the one that the outermost of them saw."""
    address = environ.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        address = hops[-settings.TRUSTED_PROXIES] if len(hops) >= settings.TRUSTED_PROXIES else address
    return _plain_address(address)


@lru_cache(1024)
def _plain_address(text: str) -> str | None:
    """An address in its one form; None for what is none: a Unix socket, or what a proxy passes on as it was told."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def agent_of(environ: Environ) -> str:
    """The client's name for itself, without characters that hide or that PostgreSQL cannot keep."""
    agent: str = environ.get("HTTP_USER_AGENT", "")[:255]
    return without_secrets(agent if agent.isprintable() else "".join(c for c in agent if c.isprintable()))
