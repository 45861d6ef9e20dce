"""Where refusals and failures are answered: as JSON to programs, as pages to people."""

import logging
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from csp.constants import HEADER
from csp.utils import build_policy
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.origins import origin
from policies.refusals import Refused
from policies.shown import show
from tokenportal.errors import problem_of
from tokenportal.problems import UNAVAILABLE, Problem
from tokens.authentication import CsrfFailed

logger = logging.getLogger(__name__)


def api_exception_handler(error: Exception, _context: dict[str, Any]) -> Response:
    """For Django REST framework: every exception in the API, answered in our shape."""
    set_rollback()
    found = problem_of(error)
    _log(found, error)
    _show(found, error)
    return Response(found.body, found.status, headers=dict(found.headers))


def answer(error: BaseException | None) -> JsonResponse:
    """For what happens before or beside the API's views."""
    found = problem_of(error)
    _log(found, error)
    _show(found, error)
    return JsonResponse(found.body, status=found.status, headers=dict(found.headers))


def _log(found: Problem, error: BaseException | None) -> None:
    if found.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("Request %s failed with %s", origin.get().request_id, found.status, exc_info=error)


def _show(found: Problem, error: BaseException | None) -> None:
    """Say that something was refused: a right that is lacking, a thing out of reach, or what a rule forbids."""
    if found.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND) or isinstance(error, Refused):
        show(str(said["code"]) for said in found.errors)


def is_api(request: HttpRequest) -> bool:
    """Whether the caller is a program, to be answered in JSON."""
    return request.path_info.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(exception) if is_api(request) else page(request, problem_of(exception).status)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(exception) if is_api(request) else _refusal_page(request, exception)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(exception or Http404()) if is_api(request) else _refusal_page(request, exception or Http404())


def _refusal_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    found = problem_of(exception)
    _show(found, exception)
    return page(request, found.status)


def server_error(request: HttpRequest) -> HttpResponse:
    """What nobody caught; 503 where the database is away."""
    if is_api(request):
        return answer(sys.exception())
    found = problem_of(sys.exception())
    return page(request, found.status, headers=found.headers)


def unavailable(request: HttpRequest) -> HttpResponse:
    """What is said while the database is known to answer nobody."""
    return answer(OperationalError()) if is_api(request) else page(request, 503, headers=UNAVAILABLE.headers)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its CSRF token: an old tab, switched-off cookies, or somebody else's page."""
    del reason
    return answer(CsrfFailed()) if is_api(request) else page(request, 403, is_csrf=True)


def page(
    request: HttpRequest, status: int, *, headers: Mapping[str, str] | None = None, **context: object
) -> HttpResponse:
    """`templates/errors/<status>.html`, else that of 400; of a failure without the request, which may be its cause."""
    # An address that only a form leads to is no place to come back to after a change of language.
    back = request.get_full_path() if request.method == "GET" else "/"
    context = {"status": status, "request_id": origin.get().request_id, "back": back, **context}
    try:
        html: str = render_to_string(
            [f"errors/{status}.html", "errors/400.html"], context, request if status < 500 else None
        )
    except Exception:  # whatever it is, the page about a failure must not fail
        logger.exception("The page for %s cannot be drawn", status)
        html = f"<!doctype html><title>{status}</title><h1>{HTTPStatus(status).phrase}</h1>"
    # django-csp leaves 404 and 500 without a policy under DEBUG, as in the demo, where they would get that of no page.
    return HttpResponse(html, status=status, headers={HEADER: build_policy(), **(headers or {})})
