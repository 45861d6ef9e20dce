"""Light or dark: kept in the browser alone, as what is easy on the eyes depends on the screen."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES = ("light", "dark")
ONE_YEAR = 365 * 86400  # seconds


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the choice and go back."""
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if is_ours else "/")
    keep_theme(response, request.POST.get("theme", ""))
    return response


def theme_of(request: HttpRequest) -> str:
    """What the browser remembers; empty where that is nothing, or nothing of ours."""
    kept = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    return kept if kept in THEMES else ""


def keep_theme(response: HttpResponse, chosen: str) -> None:
    """Have the browser remember the choice; anything but light and dark means the device's own."""
    if chosen in THEMES:
        response.set_cookie(
            settings.THEME_COOKIE_NAME,
            chosen,
            max_age=ONE_YEAR,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    else:
        response.delete_cookie(settings.THEME_COOKIE_NAME, samesite="Lax")
