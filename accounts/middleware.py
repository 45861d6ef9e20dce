"""What every request carries: an id, where it came from, and the person's own time zone."""

import re
import uuid
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.audit import Origin, origin

_REQUEST_ID = re.compile(r"[0-9A-Za-z._-]{8,64}", re.ASCII)
GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestContextMiddleware:
    """Gives the request an id, a well-formed `X-Request-Id` of a proxy's included, and the audit trail its origin."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        came_from = Origin(request_id, client_address(request), client_agent(request))
        reset = origin.set(came_from)
        try:
            response = self.get_response(request)
        finally:
            origin.reset(reset)
        response["X-Request-Id"] = request_id
        return response


def client_address(request: HttpRequest) -> str | None:
    """The client's address; behind proxies of ours, the one that the outermost of them saw."""
    proxies: int = settings.TRUSTED_PROXIES
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    address = hops[-proxies] if proxies and len(hops) >= proxies else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(address))
    except ValueError:  # a Unix socket, or a proxy that passes on what it was told
        return None


def client_agent(request: HttpRequest) -> str:
    """The client's name for itself, without characters that hide or that PostgreSQL cannot keep."""
    return "".join(c for c in request.headers.get("User-Agent", "")[:255] if c.isprintable())


class TimeZoneMiddleware:
    """Shows times in the signed-in person's zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            with timezone.override(request.user.zone):
                return self.get_response(request)
        return self.get_response(request)
