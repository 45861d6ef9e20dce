"""The page on which a person answers a program that asks for a token (RFC 8628, section 3.3)."""

import math
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import rates
from accounts.pages import SignedIn, remember_visitor, sent, to_do, to_fill_in
from accounts.views.recent import asks_again
from policies.explaining import why_capped, why_refused
from policies.foreseeing import foresee_one
from policies.governing import Governed, governed
from policies.refusals import Refused
from tokens import devices
from tokens.devices import codes
from tokens.forms import CodeForm, DeviceForm, Ends
from tokens.models import DeviceCode
from tokens.scopes import words_of
from tokens.views.reach import offered_scopes

USUAL_DAYS = 30


class Rate(rates.Rate):
    """So many codes tried by one person in one process: whoever guesses gets nowhere (RFC 8628, section 5.1)."""

    scope = "user_code"

    def get_cache_key(self, request: Any, view: object) -> str:
        """Count by person."""
        del view
        return f"user_code:{request.user.pk}"


@to_fill_in
@asks_again()
def device(request: SignedIn) -> HttpResponse:
    """Ask for the code; under a right one, say who asks, and let the person choose the token and allow it.

    A link may bring the code along; it is shown all the same, to be compared with what the terminal shows.
    """
    text = request.POST.get("user_code", request.GET.get("user_code"))
    if text is None:
        return _ask_for_code(request)
    rate = Rate()
    if not rate.allow_request(request, None):  # type: ignore[arg-type]  # it looks at nothing but our key
        return _too_many(request, rate)
    now = timezone.now()
    try:
        waiting = devices.find(text, now=now)
    except Refused as refused:
        if request.method == "POST" and devices.is_allowed_by(request.user, text, now=now):  # a double click
            return _say_allowed(request)
        return _ask_for_code(request, text, refused)
    known = governed(request.user, now=now)
    remember_visitor(request, known.membership)
    return _choose(request, waiting, known)


@to_do
def deny(request: SignedIn) -> HttpResponse:
    """Send the program away."""
    now, rate = timezone.now(), Rate()
    if not rate.allow_request(request, None):  # type: ignore[arg-type]  # it looks at nothing but our key
        return _too_many(request, rate)
    text = request.POST.get("user_code", "")
    try:
        devices.deny(devices.find(text, now=now), actor=request.user, now=now)
    except Refused as refused:
        return _ask_for_code(request, text, refused)
    messages.success(request, _("Denied. The program gets no token."))
    return redirect("tokens:mine")


def _choose(request: SignedIn, waiting: DeviceCode, known: Governed) -> HttpResponse:
    decision, person = known.decision, request.user
    ends = Ends.of_new(decision, person.zone)
    offered = offered_scopes(request, decision, now=decision.now)
    is_answer = request.method == "POST" and "purpose" in request.POST
    form = DeviceForm(
        sent(request) if is_answer else None, ends=ends, offered=offered, initial=_wished(waiting, ends, offered)
    )
    if form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("purpose", "expires_at", "scopes")}
        try:
            devices.allow(waiting, **asked, actor=person, now=decision.now)
        except Refused as refused:
            if devices.is_allowed_by(person, waiting.user_code, now=decision.now):  # two clicks at once
                return _say_allowed(request)
            form.add_refusals(refused)
        else:
            return _say_allowed(request)
    withheld = [name for name in waiting.scopes if name not in dict(offered)]
    context = {
        "now": decision.now,
        "form": form,
        "device": waiting,
        "code": codes.written(waiting.user_code),
        "withheld": [words_of(withheld)[name] for name in withheld],
        "decision": decision,
        "rules": known.rules,
        "coming": foresee_one(person.pk, known.membership, now=decision.now).limit_below(decision.ceiling),
        "why_capped": why_capped(decision),
        "why_refused": why_refused(decision),
    }
    return render(request, "tokens/device_allow.html", context)


def _say_allowed(request: SignedIn) -> HttpResponse:
    messages.success(request, _("Allowed. Go back to your terminal: the token is there in a few seconds."))
    return redirect("tokens:mine")


def _wished(waiting: DeviceCode, ends: Ends, offered: list[tuple[str, str]]) -> dict[str, object]:
    """What the program would like, as far as this person may give it; a month, if it says nothing of an end."""
    days, most = waiting.days or USUAL_DAYS, ends.decision.days_to_ceiling
    named = _("Command line on %(host)s") % {"host": waiting.host} if waiting.host else _("Command line")
    return {
        "user_code": waiting.user_code,
        "purpose": waiting.purpose or named,
        "scopes": [name for name, _words in offered if name in waiting.scopes],
        **ends.prefill(str(min(days, most) if most else days)),
    }


def _ask_for_code(request: SignedIn, text: str = "", refused: Refused | None = None) -> HttpResponse:
    form = CodeForm({"user_code": text[:64]} if refused else None)
    if refused is not None:
        form.add_refusals(refused)
    return render(request, "tokens/device.html", {"now": timezone.now(), "form": form})


def _too_many(request: SignedIn, rate: Rate) -> HttpResponse:
    answer = render(request, "errors/429.html", status=429)
    answer["Retry-After"] = str(math.ceil(rate.wait() or 1))
    return answer
