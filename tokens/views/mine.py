"""My access tokens: the list, and ending all of them."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.pages import SignedIn, remember_visitor, to_fill_in, to_read
from policies.explaining import why_capped, why_refused
from policies.foreseeing import foresee_one
from policies.governing import governed
from tokens import lifecycle, reviews
from tokens.models import AccessToken
from tokens.views.asking import requests_of
from tokens.views.ending import end
from tokens.views.listing import Listing


@to_read
def mine(request: SignedIn) -> HttpResponse:
    """List the visitor's own tokens, and say what they may do and why not."""
    now = timezone.now()
    known = governed(request.user, now=now)
    remember_visitor(request, known.membership)
    prospect = foresee_one(request.user.pk, known.membership, now=now)
    context = {
        "now": now,
        "listing": Listing(request.user, request.GET, now=now, prospect=prospect),
        "decision": known.decision,
        "why_capped": why_capped(known.decision),
        "why_refused": why_refused(known.decision),
        "asked": reviews.count_unanswered(request.user),
        "requests": requests_of(request.user, now=now),
    }
    return render(request, "tokens/mine.html", context)


@to_fill_in
def revoke_all(request: SignedIn) -> HttpResponse:
    """End all of one's own tokens."""
    now = timezone.now()
    tokens = AccessToken.objects.filter(user=request.user).in_use(now=now)
    return end(request, request.user, tokens, partial(lifecycle.revoke_all, request.user), now=now)
