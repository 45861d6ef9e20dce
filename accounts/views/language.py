"""The language switch: for this browser, and for whoever is signed in wherever else they sit, and in mails."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from accounts.preferences import prefer


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak that language from now on and go back; one that we do not speak changes nothing."""
    chosen = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        prefer(request.user, locale=chosen, now=timezone.now())
    response: HttpResponse = set_language(request)
    return response


def keep_language(response: HttpResponse, locale: str) -> None:
    """Have the browser remember it, for pages on which nobody is signed in; empty means whatever it asks for."""
    if locale:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            locale,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
