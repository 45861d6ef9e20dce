"""The one line of the log that every request gets.

It holds no query string, header, form or body: what is not written cannot leak.
"""

import logging
import time
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from accounts.middleware import GetResponse
from accounts.models import User
from tokenportal import responses
from tokens import metering

logger = logging.getLogger("tokenportal.requests")
# Asked every few seconds; worth a line only when the answer is bad.
PROBES = frozenset({"/healthz", "/livez", "/readyz", "/metrics"})


class RequestLogMiddleware:
    """Writes the line of a request, and times the answers of the API."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        if responses.is_api(request):
            metering.time_answer("api", response.status_code, seconds)
        if response.status_code >= 400 or request.path not in PROBES:
            write(request, response.status_code, seconds)
        return response


def write(request: HttpRequest, status: int, seconds: float) -> None:
    """Write the line; the path as it was sent, so that nobody can begin a line of their own in it."""
    path, ms = quote(request.path), round(seconds * 1000, 1)
    facts = {"method": request.method, "path": path, "status": status, "ms": ms, "person": person_of(request)}
    logger.info("%s %s %s in %s ms", request.method, path, status, ms, extra=facts)


def person_of(request: HttpRequest) -> int | None:
    """The number of whoever has been recognised. Asks nobody: the database may be why the request failed."""
    user = vars(request).get("user")
    known = user if type(user) is User else vars(request).get("_cached_user")
    return getattr(known, "pk", None)
