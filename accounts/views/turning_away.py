"""What whoever has come by the school's sign-in is told, if they are not let in."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from requests import RequestException

from accounts.claims.turned import Turned

logger = logging.getLogger(__name__)
AWAY, BROKEN = "away", "broken"
_STATUS = {AWAY: 424, BROKEN: 400}


def turned_away(request: HttpRequest, called: object, turned: Turned, *, again: str) -> HttpResponse:
    """Say why they may not come in; `again` is where a form leads there as somebody else."""
    said = {"why": str(turned.why), "said": turned.said, "again": again}
    return _page(request, called, {**said}, 403)


def or_trouble(
    request: HttpRequest, called: object, act: Callable[[], HttpResponse], *, wrong: tuple[type[Exception], ...]
) -> HttpResponse:
    """What `act` answers, which asks the provider or reads what it says; a page of ours where the provider fails.

    It is away by what the network says, and broken by the exceptions that are `wrong`.
    """
    try:
        return act()
    except (RequestException, OSError) as error:
        return trouble(request, called, AWAY, error)
    except wrong as error:
        return trouble(request, called, BROKEN, error)


def trouble(request: HttpRequest, called: object, why: str, error: object) -> HttpResponse:
    """Nothing is wrong with the portal, so this is no 5xx; what is wrong stands in the log."""
    logger.warning("Sign-in by %s: %s", called, error or "nobody has asked for this")
    return _page(request, called, {"why": why}, _STATUS[why])


def _page(request: HttpRequest, called: object, said: dict[str, str], status: int) -> HttpResponse:
    context = {**said, "name": called, "support": settings.SUPPORT_EMAIL}
    return render(request, "accounts/turned_away.html", context, status=status)
