"""In which language a request is answered; what a call of the API must be before anybody looks at what it wants."""

import re
from io import BytesIO

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.urls import resolve
from django.utils import translation

from accounts.factors import demanding
from accounts.middleware import GetResponse
from tokenportal import responses
from tokenportal.errors import Rejected
from tokenportal.problems import SECOND_STEP_REQUIRED, TLS_REQUIRED, TOKEN_IN_URL, TWO_CREDENTIALS
from tokens.authentication import Bearer
from tokens.headers import told_of

# WSGI servers join two headers of one name with a comma; after it stands another scheme with what belongs to it.
_SECOND_SCHEME = re.compile(r",\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\s")


class LanguageMiddleware(LocaleMiddleware):
    """Speaks the language that the person has chosen, else the browser's.

    The API speaks English to everybody: programs made for Canvas match its sentences.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Choose, for this request; Django's own part goes first, so that a failure here has a language too."""
        super().process_request(request)
        chosen = settings.LANGUAGE_CODE if responses.is_api(request) else _language_of(request)
        if chosen:
            translation.activate(chosen)
            request.LANGUAGE_CODE = translation.get_language()


def _language_of(request: HttpRequest) -> str:
    """The language a signed-in person has chosen, if we (still) speak it."""
    locale = request.user.locale if request.user.is_authenticated else ""
    return locale if locale in dict(settings.LANGUAGES) else ""


class SetUpFirstMiddleware:
    """Leads whoever has to have a second step and has none to where they set it up, before anything else."""

    OPEN = ("/security/", "/login/", "/logout/", "/theme/", "/language/", "/help/")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._waits(request) or request.path_info.startswith(self.OPEN):
            return self.get_response(request)
        if responses.is_api(request):
            return responses.answer(Rejected(SECOND_STEP_REQUIRED))
        return redirect("security")

    def _waits(self, request: HttpRequest) -> bool:
        """At the API a bearer token stands for itself: with that header nobody looks at the session there."""
        if not request.user.is_authenticated or (responses.is_api(request) and "Authorization" in request.headers):
            return False
        return demanding.waits(request.session, request.user)


class NotFoundMiddleware:
    """For DEBUG, where Django would list every address: the demo shows the page that a school would see."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            resolve(request.path_info)
        except Http404 as nothing:
            return responses.page_not_found(request, nothing)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for a view that has not found what it was asked for."""
        return responses.page_not_found(request, exception) if isinstance(exception, Http404) else None


class ApiGuardMiddleware:
    """For /api/ only."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not responses.is_api(request):
            return self.get_response(request)
        try:
            guard(request)
        except (Rejected, SuspiciousOperation, BadRequest, UnreadablePostError) as error:
            response: HttpResponse = responses.answer(error)
        else:
            response = self.get_response(request)
        return mark(request, response)


def guard(request: HttpRequest) -> None:
    """Turn away what no endpoint may see. Raises Rejected, or Django's own exceptions for a bad host or body."""
    request.encoding = "utf-8"  # not what a client's `charset` names, which need not even be a text encoding
    request.get_host()
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise Rejected(TLS_REQUIRED)
    if _SECOND_SCHEME.search(request.headers.get("Authorization", "")):
        raise Rejected(TWO_CREDENTIALS)
    if "access_token" in request.GET:
        raise Rejected(TOKEN_IN_URL)
    read_body(request)
    if request.path_info.endswith("/"):  # clients add one; both ways name the same thing
        request.path_info, request.path = request.path_info[:-1], request.path[:-1]


def read_body(request: HttpRequest) -> None:
    """Read the whole body now, so that every parser finds it in memory. Raises RequestDataTooBig over 64 KiB.

    Django takes a body without Content-Length, as HTTP/1.1 sends it in chunks, for an empty one.
    """
    if not request.META.get("CONTENT_LENGTH") and request.META.get("wsgi.input_terminated"):
        body, most = b"", settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        while len(body) <= most and (chunk := request.META["wsgi.input"].read(most + 1 - len(body))):
            body += chunk
        request.META["CONTENT_LENGTH"] = str(len(body))
        request._stream = BytesIO(body)  # noqa: SLF001  # Django has no door for this
    request.body  # noqa: B018  # reads and keeps it


def mark(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Say what the caller should know of the token it carries, and keep answers out of every cache."""
    carried = getattr(request, "auth", None)
    if isinstance(carried, Bearer):
        for name, value in told_of(carried.token, now=carried.at):
            response[name] = value
    response["Cache-Control"] = "no-store"
    return response
