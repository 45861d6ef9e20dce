"""The doors that other services call, ahead of Django's request stack: one thin callable per path.

`tokenportal.wsgi` asks `answer` first; what is no door of ours is Django's.
"""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.db import Error

from accounts.origins import request_id
from tokens import metering
from tokens.gateway import devices, forward_auth, introspection, metadata, revocation
from tokens.gateway.http import QUARANTINED, UNAVAILABLE, Request, Response
from tokens.journal import Quarantined
from tokens.matching import Overloaded

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Door = Callable[[Request], Response]
logger = logging.getLogger(__name__)

DOORS: dict[str, Door] = {
    "/oauth2/introspect": introspection.introspect,
    "/oauth2/introspect/batch": introspection.introspect_batch,
    "/oauth2/device_authorization": devices.device_authorization,
    "/oauth2/token": devices.token,
    "/oauth2/revoke": revocation.revoke,
    "/.well-known/oauth-authorization-server": metadata.authorization_server,
    "/.well-known/token-format.json": metadata.token_format,
}


def door_of(path: str) -> Door | None:
    """The door at `path`; `/verify` answers on every path below it too."""
    if path == "/verify" or path.startswith("/verify/"):
        return forward_auth.verify
    return DOORS.get(path) or DOORS.get(path.removesuffix("/"))


def answer(door: Door, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer as a WSGI application."""
    began = time.perf_counter()
    response = _ask(door, environ)
    metering.time_answer(door.__name__, response.code, time.perf_counter() - began)
    start_response(response.status, response.headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]


def refuse(start_response: StartResponse) -> Iterable[bytes]:
    """Answer 503 without asking any door: the database is known to answer nobody."""
    start_response(UNAVAILABLE.status, UNAVAILABLE.headers)
    return [UNAVAILABLE.body]


def _ask(door: Door, environ: Environ) -> Response:
    """Where the database cannot be asked or believed, 503: never yes, and never no."""
    try:
        return door(Request(environ))
    except Quarantined:
        logger.warning("The doors are closed: run manage.py replay_revocations")
        return QUARANTINED
    except (Error, Overloaded):
        logger.warning("A door could not decide", exc_info=True, extra={"request_id": request_id(environ)})
    except Exception:
        logger.exception("A door failed", extra={"request_id": request_id(environ)})
    return UNAVAILABLE
