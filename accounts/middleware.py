"""What every request carries: where it came from, and the person's own time zone."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

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
