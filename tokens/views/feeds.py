"""The calendar of one's token ends: the page on which its address is made, and the calendar itself."""

import hashlib
import math

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import SignedIn, to_do, to_read
from tokens import feeds
from tokens.finders import Rate


class CalendarRate(Rate):
    """So many looks from one address in one process."""

    scope = "calendar"


@require_safe
def calendar(request: HttpRequest, address: str) -> HttpResponseBase:
    """The calendar, for programs that ask for it again and again: to nobody in particular, so it needs no sign-in."""
    rate = CalendarRate()
    if not rate.allow_request(request, None):  # type: ignore[arg-type]  # it looks at nothing but our key
        return HttpResponse(status=429, headers={"Retry-After": str(math.ceil(rate.wait() or 1))})
    person = feeds.find_owner(address)
    if person is None:
        raise Http404
    with translation.override(person.locale or settings.LANGUAGE_CODE):
        text = feeds.text_for(person, now=timezone.now()).encode()
    headers = {
        "ETag": f'"{hashlib.sha256(text).hexdigest()[:32]}"',
        "Cache-Control": "private, no-store",  # a calendar keeps its own copy, and asks with its ETag
        "X-Robots-Tag": "noindex",
    }
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)
    return get_conditional_response(request, etag=headers["ETag"], response=answer) or answer


@to_read
def show(request: SignedIn) -> HttpResponse:
    """Say whether there is an address, and since when; never which."""
    return render(request, "tokens/calendar.html", {"since": feeds.find_since(request.user)})


@to_do
def make(request: SignedIn) -> HttpResponse:
    """Make an address, or a new one, and show it this once."""
    address = feeds.make(request.user, now=timezone.now())
    url = f"{settings.PUBLIC_URL}{reverse('tokens:calendar_feed', args=[address])}"
    return render(request, "tokens/calendar_address.html", {"url": url})


@to_do
def stop(request: SignedIn) -> HttpResponse:
    """Switch it off."""
    feeds.stop(request.user, now=timezone.now())
    messages.success(request, _("The calendar is switched off: its address shows nothing any more."))
    return redirect("tokens:calendar")
