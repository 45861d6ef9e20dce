"""Asking for a token, and what the asker sees and does of it afterwards."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.pages import SignedIn, remember_visitor, sent, to_do
from accounts.views.recent import asks_again
from policies.explaining import why_capped, why_refused
from policies.governing import Governed
from policies.refusals import Refused
from policies.wording import sentence
from tokens import lifecycle, requests
from tokens.forms import Ends, RequestForm
from tokens.models import RequestState, TokenRequest
from tokens.permissions import get_own_request
from tokens.views.reach import offered_scopes
from tokens.views.secret import show_once

LATELY = timedelta(days=14)
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as its owner sees it."""

    request: TokenRequest
    is_usable: bool


def requests_of(person: User, *, now: datetime) -> list[Asked]:
    """What waits, what was approved and not used yet, and what was answered with no lately; in one query."""
    ended = Q(state__in=[RequestState.REFUSED, RequestState.LAPSED], decided_at__gt=now - LATELY)
    known = TokenRequest.objects.filter(person=person).select_related("decided_by")
    shown = known.filter(Q(state__in=[RequestState.OPEN, RequestState.APPROVED]) | ended).order_by("-pk")[:MOST_SHOWN]
    return [Asked(request, request.is_usable(now)) for request in shown]


def ask_for(request: SignedIn, known: Governed) -> HttpResponse:
    """Show the form for a request, and send it."""
    remember_visitor(request, known.membership)
    decision, person = known.decision, request.user
    ends = Ends.of_request(decision, person.zone, requests.latest_end(known))
    offered = offered_scopes(request, decision, now=decision.now)
    initial = {"purpose": request.GET.get("purpose", ""), **ends.prefill(request.GET.get("days", ""))}
    form = RequestForm(sent(request), ends=ends, offered=offered, initial=initial)
    if form.is_valid():
        try:
            made = _ask(person, form, decision.now)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _say_asked(made))
            return redirect("tokens:mine")
    context = {
        "now": decision.now,
        "form": form,
        "decision": decision,
        "rules": known.rules,
        "why_capped": why_capped(decision),
        "why_refused": why_refused(decision),
    }
    return render(request, "tokens/ask.html", context)


def _ask(person: User, form: RequestForm, now: datetime) -> TokenRequest:
    asked = {name: form.cleaned_data[name] for name in ("purpose", "why", "expires_at", "scopes")}
    return requests.ask(person, **asked, now=now)


def _say_asked(made: TokenRequest) -> str:
    if made.state == RequestState.APPROVED:
        return _("Approved at once. You can generate the token now.")
    return _("Your request is sent. You will be told of the answer by e-mail, and find it here.")


@to_do
@asks_again()
def generate(request: SignedIn, number: int) -> HttpResponse:
    """Make the token that was approved, and show its secret this once."""
    now = timezone.now()
    asked = get_own_request(request.user, number)
    if asked.token is not None:
        return show_once(request, asked.token, now=now)
    try:
        return show_once(request, lifecycle.issue_approved(asked, actor=request.user, now=now), now=now)
    except Refused as refused:
        asked = get_own_request(request.user, number)
        if asked.token is not None:  # two clicks at once: the other one has made it
            return show_once(request, asked.token, now=now)
        return _say_no(request, refused)


@to_do
def withdraw(request: SignedIn, number: int) -> HttpResponse:
    """Want it no more."""
    asked = get_own_request(request.user, number)
    try:
        requests.withdraw(asked, actor=request.user, now=timezone.now())
    except Refused as refused:
        return _say_no(request, refused)
    messages.success(request, _("“%s” is withdrawn.") % asked.purpose)
    return redirect("tokens:mine")


def _say_no(request: SignedIn, refused: Refused) -> HttpResponse:
    messages.error(request, " ".join(map(sentence, refused.refusals)))
    return redirect("tokens:mine")
