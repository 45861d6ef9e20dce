"""What every request carries: where it came from, a session that is not over, and the person's own time zone."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import browsers
from accounts.origins import acting_from, address_of

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestContextMiddleware:
    """Gives the request an id and the audit trail its origin."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting_from(request.META) as came_from:
            response = self.get_response(request)
        response["X-Request-Id"] = came_from.request_id
        return response


class BrowserMiddleware:
    """Ends sessions that have lasted long enough, and notes the use of the others."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            now = timezone.now()
            if browsers.is_over(request.session, now=now):
                logout(request)
            else:
                browsers.note(request.session, now=now)
        return self.get_response(request)


def client_address(request: HttpRequest) -> str | None:
    """The client's address, as django-axes asks for it."""
    return address_of(request.META)


class TimeZoneMiddleware:
    """Shows times in the signed-in person's zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            with timezone.override(request.user.zone):
                return self.get_response(request)
        return self.get_response(request)
