"""My access tokens: the list, and ending all of them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.pages import SignedIn, remember_visitor, sent, to_fill_in, to_read
from policies.governing import governed
from policies.refusals import Refused
from policies.wording import why_capped, why_refused
from tokens import lifecycle
from tokens.forms import ReasonForm
from tokens.views.listing import Listing


@to_read
def mine(request: SignedIn) -> HttpResponse:
    """List the visitor's own tokens, and say what they may do and why not."""
    now = timezone.now()
    known = governed(request.user, now=now)
    remember_visitor(request, known.membership)
    context = {
        "now": now,
        "listing": Listing(request.user, request.GET, now=now),
        "decision": known.decision,
        "why_capped": why_capped(known.decision),
        "why_refused": why_refused(known.decision),
    }
    return render(request, "tokens/mine.html", context)


@to_fill_in
def revoke_all(request: SignedIn) -> HttpResponse:
    """End all of one's own tokens."""
    now = timezone.now()
    form = ReasonForm(sent(request))
    if form.is_valid():
        try:
            ended = lifecycle.revoke_all(request.user, actor=request.user, now=now, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, say_revoked(ended))
            return redirect("tokens:mine")
    rows = Listing(request.user, request.GET, now=now).in_use
    context = {"now": now, "form": form, "rows": rows, "owner": request.user, "is_own": True}
    return render(request, "tokens/revoke_many.html", context)


def say_revoked(count: int) -> str:
    """Tell how many tokens have ended."""
    words = ngettext(
        "Revoked %(n)d token. It is refused from now on.", "Revoked %(n)d tokens. They are refused from now on.", count
    )
    return words % {"n": count}
