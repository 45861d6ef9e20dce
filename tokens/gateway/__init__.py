"""The doors that other services call, ahead of Django's request stack: one thin callable per path.

`tokenportal.wsgi` asks `answer` first; what is no door of ours is Django's.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import Error

from tokens.gateway import forward_auth, introspection, metadata, revocation
from tokens.gateway.http import UNAVAILABLE, Request, Response
from tokens.matching import Overloaded

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Door = Callable[[Request], Response]
logger = logging.getLogger(__name__)

DOORS: dict[str, Door] = {
    "/oauth2/introspect": introspection.introspect,
    "/oauth2/introspect/batch": introspection.introspect_batch,
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
    """Answer as a WSGI application. Where the database cannot be asked, 503: never yes, and never no."""
    try:
        response = door(Request(environ))
    except (Error, Overloaded):
        logger.warning("A door could not decide", exc_info=True)
        response = UNAVAILABLE
    except Exception:
        logger.exception("A door failed")
        response = UNAVAILABLE
    start_response(response.status, response.headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]
