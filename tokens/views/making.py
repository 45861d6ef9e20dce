"""Generating: a new token, for oneself or on somebody's behalf, and a new secret for one that exists."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import User
from accounts.pages import SignedIn, sent, to_fill_in
from accounts.roles import Permission
from accounts.views.recent import asks_again
from policies.explaining import why_capped, why_capped_for_others, why_refused
from policies.foreseeing import foresee_one
from policies.governing import Governed, governed
from policies.overlap import OFFERED_HOURS, usual_hours
from policies.refusals import Refused
from tokens import lifecycle
from tokens.forms import Ends, NewTokenForm, OnceForm, RegenerateForm
from tokens.lifecycle import Issued
from tokens.models import AccessToken, State
from tokens.once import find_made, once
from tokens.permissions import get_owner_to_issue_for, may_view
from tokens.views.asking import ask_for
from tokens.views.reach import get_token_to, nav_of, offered_scopes
from tokens.views.secret import show_once


@to_fill_in
@asks_again()
def new(request: SignedIn) -> HttpResponse:
    """Generate a token for oneself, or ask for it where somebody has to approve it."""
    now = timezone.now()
    known = governed(request.user, now=now)
    return ask_for(request, known) if known.decision.needs_approval else _generate(request, request.user, now)


@to_fill_in
def ask(request: SignedIn) -> HttpResponse:
    """Ask for a token that lives longer than one may make it oneself."""
    return ask_for(request, governed(request.user, now=timezone.now()))


@to_fill_in
@asks_again()
def person_new(request: SignedIn, user_id: int) -> HttpResponse:
    """Generate a token for somebody else; it waits for them to activate it."""
    now = timezone.now()
    owner = User.objects.filter(pk=user_id).first()
    if owner is None or not may_view(request.user, owner, now=now):
        raise Http404
    return _generate(request, get_owner_to_issue_for(request.user, owner, now=now), now)


def _generate(request: SignedIn, owner: User, now: datetime) -> HttpResponse:
    known = governed(owner, now=now)
    decision = known.decision
    ends = Ends.of_new(decision, owner.zone)
    offered = offered_scopes(request, decision, now=now)
    form = NewTokenForm(sent(request), ends=ends, offered=offered, initial=_asked_for(request, ends))
    if form.is_valid():
        try:
            return show_once(request, _issue(request, owner, form, now), now=now)
        except Refused as refused:
            form.add_refusals(refused)
    elif made := _find_made(request, form, f"issue:{owner.pk}"):
        return show_once(request, made, now=now)
    context = _context(request, owner, known, form)
    may_ask = decision.capped and decision.may_create and known.rules.longer_on_request
    return render(request, "tokens/new.html", {**context, "may_ask": may_ask and context["is_own"]})


def _asked_for(request: SignedIn, ends: Ends) -> dict[str, str]:
    """What a link has filled in already: `/tokens/new/?purpose=…&days=…`."""
    return {"purpose": request.GET.get("purpose", ""), **ends.prefill(request.GET.get("days", ""))}


def _issue(request: SignedIn, owner: User, form: NewTokenForm, now: datetime) -> Issued | AccessToken:
    asked = form.cleaned_data

    def issue() -> Issued:
        return lifecycle.issue(
            owner,
            purpose=asked["purpose"],
            expires_at=asked["expires_at"],
            scopes=asked["scopes"],
            actor=request.user,
            now=now,
        )

    return once(issue, form=f"issue:{owner.pk}", key=asked["key"], caller=request.user, now=now)


@to_fill_in
@asks_again()
def regenerate(request: SignedIn, token_id: int) -> HttpResponse:
    """Give a token a new secret; the old one dies at once, or works on as long as its owner chooses."""
    now = timezone.now()
    token = get_token_to(Permission.TOKENS_CREATE, request, token_id, now=now)
    known = governed(token.user, now=now)
    decision = known.decision
    ends = Ends.of_regeneration(decision, token)
    offered = offered_scopes(request, decision, held=token.scopes, now=now)
    overlaps = _overlaps(request, token, now)
    usual = usual_hours(decision) if overlaps and token.last_used_at else 0
    initial = {"scopes": token.scopes, "overlap_hours": usual, **ends.prefill("")}
    form = RegenerateForm(sent(request), ends=ends, offered=offered, overlaps=overlaps, initial=initial)
    if form.is_valid():
        try:
            return show_once(request, _renew(request, token, form, now), now=now)
        except Refused as refused:
            form.add_refusals(refused)
    elif made := _find_made(request, form, f"regenerate:{token.pk}"):
        return show_once(request, made, now=now)
    context = _context(request, token.user, known, form)
    return render(request, "tokens/regenerate.html", {**context, "token": token, "overlaps": overlaps})


def _overlaps(request: SignedIn, token: AccessToken, now: datetime) -> tuple[int, ...]:
    """For how many hours the visitor may let the present secret of a token work on."""
    may_overlap = token.user_id == request.user.pk and token.state_at(now) == State.ACTIVE
    return OFFERED_HOURS if may_overlap and not lifecycle.overlap_ends_at(token, now=now) else ()


def _renew(request: SignedIn, token: AccessToken, form: RegenerateForm, now: datetime) -> Issued | AccessToken:
    def renew() -> Issued:
        return lifecycle.regenerate(token, form.change, overlap=form.overlap, actor=request.user, now=now)

    key = form.cleaned_data["key"]
    return once(renew, form=f"regenerate:{token.pk}", key=key, caller=request.user, now=now)


def _find_made(request: SignedIn, form: OnceForm, name: str) -> AccessToken | None:
    """The token that a form has made which is not valid any more: what it chose may not be offered since."""
    return find_made(form=name, key=form.cleaned_data.get("key", ""), caller=request.user) if form.is_bound else None


def _context(request: SignedIn, owner: User, known: Governed, form: NewTokenForm | RegenerateForm) -> dict[str, object]:
    is_own, decision = owner.pk == request.user.pk, known.decision
    return {
        "now": decision.now,
        "owner": owner,
        "nav": nav_of(owner, request),
        "is_own": is_own,
        "form": form,
        "decision": decision,
        "rules": known.rules,
        "coming": foresee_one(owner.pk, known.membership, now=decision.now).limit_below(decision.ceiling),
        "why_capped": why_capped(decision) if is_own else why_capped_for_others(decision),
        "why_refused": why_refused(decision) if is_own else "",
    }
