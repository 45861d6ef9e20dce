"""The way to the school's own sign-in: by a press of our button alone, so that no other site begins a session here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from accounts.views.targets import target_of


def to_the_button(request: HttpRequest) -> HttpResponse:
    """Show the sign-in page to whoever has come by an address: a link of another site may have led them."""
    return redirect(f"{reverse('login')}?{urlencode({'next': target_of(request)})}")


def lead(request: HttpRequest, called: object, address: str) -> HttpResponse:
    """Lead on from the button to `address`, the provider's.

    By a page, for `form-action` of ours would end at a redirect, and the provider may lead on to hosts of its own.
    """
    return render(request, "accounts/leading_there.html", {"name": called, "address": address})
