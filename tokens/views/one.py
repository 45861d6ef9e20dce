"""One token: all about it, and what can be done to it beside a new secret."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import AuditEvent
from accounts.pages import SignedIn, sent, to_do, to_fill_in, to_read
from accounts.roles import Permission
from accounts.views.recent import asks_again
from policies.explaining import why_capped, why_capped_for_others, why_refused
from policies.foreseeing import foresee_one
from policies.governing import decision_for, governed
from policies.refusals import Code, Refused
from policies.wording import sentence
from tokens import lifecycle
from tokens.events import Event
from tokens.forms import EditForm, Ends, ReasonForm
from tokens.models import AccessToken
from tokens.scopes import words_of
from tokens.usage.reading import summary_of
from tokens.verification import Outcome
from tokens.views.first_call import FirstCall
from tokens.views.flags import flags_of_token
from tokens.views.leaks import leaks_of
from tokens.views.listing import row_of
from tokens.views.reach import get_token, get_token_to, nav_of, offered_scopes, rights_over, sees_trail_of
from tokens.views.secret import show_once

MOST_EVENTS = 50
SPANS = (7, 30, 90)  # days
TRIED_DAYS = 7
TRIED = (Outcome.PENDING, Outcome.SUSPENDED, Outcome.PAUSED, Outcome.REVOKED, Outcome.EXPIRED)


@to_read
def show(request: SignedIn, token_id: int) -> HttpResponse:
    """Show a token to its owner, or to who may view the owner's tokens."""
    now = timezone.now()
    token = get_token(request, token_id, now=now)
    known = governed(token.user, now=now)
    rights = rights_over(token.user, request=request, known=known.membership, now=now)
    context = {
        "now": now,
        "token": token,
        "row": replace(
            row_of(token, now, foresee_one(token.user_id, known.membership, now=now)), is_paused=token.is_paused(now)
        ),
        "owner": token.user,
        "nav": nav_of(token.user, request),
        "rights": rights,
        "decision": known.decision,
        "why_capped": why_capped(known.decision) if rights.is_own else why_capped_for_others(known.decision),
        "why_refused": why_refused(known.decision) if rights.is_own else "",
        "history": history_of(token, is_own=rights.is_own),
        "sees_trail": sees_trail_of(known.membership, request=request, now=now),
        "summary": summary_of(token, now=now, days=_days(request)),
        "spans": SPANS,
        **_tries(token, now),
        "overlap_until": lifecycle.overlap_ends_at(token, now=now),
        "flags": flags_of_token(token, request, now=now),
        "may": words_of(token.scopes),
        "call": FirstCall(token, now),
        "leaks": leaks_of(token),
    }
    return render(request, "tokens/show.html", context)


def _days(request: SignedIn) -> int:
    """How many days of use to show; anything odd means the usual."""
    asked = request.GET.get("days", "")
    return next((span for span in SPANS if str(span) == asked), 30)


def _tries(token: AccessToken, now: datetime) -> dict[str, int]:
    """How often something tried a token in the last days that is refused for what it is, or an earlier secret of it."""
    outcomes = summary_of(token, now=now, days=TRIED_DAYS).outcomes
    tries = 0 if token.is_live(now) else sum(outcomes[why] for why in TRIED)
    return {"tries": tries, "earlier_tries": outcomes[Outcome.SUPERSEDED]}


def history_of(token: AccessToken, *, is_own: bool) -> list[AuditEvent]:
    """What happened to a token, newest first; its owner is told no reason that is confidential."""
    events = AuditEvent.objects.filter(action__in=list(Event), subject_id=token.pk)
    found = list(events.select_related("actor").order_by("-pk")[:MOST_EVENTS])
    for event in found:
        if is_own and event.after.get("is_confidential"):
            event.reason = ""
    return found


@to_fill_in
def edit(request: SignedIn, token_id: int) -> HttpResponse:
    """Change purpose and end."""
    now = timezone.now()
    token = get_token_to(Permission.TOKENS_CREATE, request, token_id, now=now)
    decision = decision_for(token.user, now=now)
    ends = Ends.of_update(decision, token)
    offered = offered_scopes(request, decision, held=token.scopes, now=now)
    initial = {"purpose": token.purpose, "scopes": token.scopes, **ends.prefill("")}
    form = EditForm(sent(request), ends=ends, offered=offered, initial=initial)
    if form.is_valid():
        try:
            lifecycle.update(token, form.change, actor=request.user, now=now)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("tokens:show", token.pk)
    is_own = token.user_id == request.user.pk
    context = {
        "now": now,
        "token": token,
        "owner": token.user,
        "nav": nav_of(token.user, request),
        "is_own": is_own,
        "form": form,
        "decision": decision,
        "why_capped": why_capped(decision) if is_own else why_capped_for_others(decision),
        "why_refused": why_refused(decision) if is_own else "",
    }
    return render(request, "tokens/edit.html", context)


@to_fill_in
def revoke(request: SignedIn, token_id: int) -> HttpResponse:
    """End a token for good."""
    now = timezone.now()
    token = get_token_to(Permission.TOKENS_DELETE, request, token_id, now=now)
    return _with_reason(request, token, lifecycle.revoke, _("Revoked “%s”."), now=now)


@to_fill_in
def suspend(request: SignedIn, token_id: int) -> HttpResponse:
    """Stop somebody's token for a while."""
    now = timezone.now()
    token = _get_token_of_somebody(request, token_id, now)
    return _with_reason(request, token, lifecycle.suspend, _("Suspended “%s”."), now=now)


@to_fill_in
def resume(request: SignedIn, token_id: int) -> HttpResponse:
    """Let a suspended token work again."""
    now = timezone.now()
    token = _get_token_of_somebody(request, token_id, now)
    return _with_reason(request, token, lifecycle.resume, _("“%s” works again."), now=now)


@to_do
@asks_again()
def activate(request: SignedIn, token_id: int) -> HttpResponse:
    """Take a token that somebody made for the visitor. Only its owner can, and only here (rule R6)."""
    now = timezone.now()
    token = get_token(request, token_id, now=now)
    if token.user_id != request.user.pk:
        raise Http404
    try:
        taken = lifecycle.activate(token, actor=request.user, now=now)
    except Refused as refused:
        if refused.code == Code.ALREADY_ACTIVE and hasattr(token, "class_item"):
            return show_once(request, token, now=now)  # a second click
        messages.error(request, " ".join(map(sentence, refused.refusals)))
        return redirect("tokens:show", token.pk)
    if taken.secret:
        return show_once(request, taken, now=now)
    messages.success(request, _("“%s” is active.") % token.purpose)
    return redirect("tokens:show", token.pk)


@to_do
def end_overlap(request: SignedIn, token_id: int) -> HttpResponse:
    """Stop the earlier secret of one's token before its time."""
    now = timezone.now()
    token = get_token(request, token_id, now=now)
    if token.user_id != request.user.pk:
        raise Http404
    lifecycle.end_overlap(token, actor=request.user, now=now)
    messages.success(request, _("The earlier secret of “%s” works no more.") % token.purpose)
    return redirect("tokens:show", token.pk)


def _get_token_of_somebody(request: SignedIn, token_id: int, now: datetime) -> AccessToken:
    token = get_token_to(Permission.TOKENS_DELETE, request, token_id, now=now)
    if token.user_id == request.user.pk:  # else its owner could resume what an administrator suspended
        raise Http404
    return token


def _with_reason(
    request: SignedIn, token: AccessToken, verb: Callable[..., AccessToken], done: str, *, now: datetime
) -> HttpResponse:
    """Ask why in the page of the verb's name, call it, go back to the list that holds the token."""
    is_own = token.user_id == request.user.pk
    form = ReasonForm(sent(request), is_own=is_own, initial={"reason_code": request.GET.get("reason", "")})
    if form.is_valid():
        try:
            verb(token, actor=request.user, now=now, reason=form.said)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, done % token.purpose)
            return _to_list(request, token)
    nav = nav_of(token.user, request)
    context = {"now": now, "token": token, "owner": token.user, "nav": nav, "is_own": is_own, "form": form}
    return render(request, f"tokens/{verb.__name__}.html", context)


def _to_list(request: SignedIn, token: AccessToken) -> HttpResponse:
    if token.user_id == request.user.pk:
        return redirect("tokens:mine")
    return redirect("tokens:person", token.user_id)
