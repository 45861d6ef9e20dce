"""Emergency stop, for good: revoking what a stop covers or what a pause stops, after a look and the number typed."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.pages import SignedIn, sent, to_fill_in, visitor
from accounts.views.recent import asks_again
from policies.reading import as_number
from policies.refusals import Refused
from tokens import bulk, sweeping, tasks
from tokens import emergency as stopping
from tokens.emergency import Target
from tokens.forms import BulkForm
from tokens.models import BulkAct, BulkKind, Pause
from tokens.views.emergency import chosen_of, list_page, seen_pause


@to_fill_in
@asks_again()
def revoke(request: SignedIn) -> HttpResponse:
    """Revoke the tokens of whom the address names."""
    now = timezone.now()
    chosen = chosen_of(request, now)
    try:
        target = stopping.target_of(visitor(request, now=now).standing, **chosen.asked)
    except Refused as refused:
        return list_page(request, chosen, now, wrong=refused)
    return _answer(request, target, now)


@to_fill_in
@asks_again()
def revoke_paused(request: SignedIn, pause_id: int) -> HttpResponse:
    """Revoke what a pause stops."""
    now = timezone.now()
    pause = seen_pause(request, pause_id, now)
    if not stopping.may_lift(visitor(request, now=now).standing, pause):
        raise PermissionDenied
    return _answer(request, pause, now)


def _answer(request: SignedIn, stopped: Target | Pause, now: datetime) -> HttpResponse:
    sweep = sweeping.sweep_of(stopped, now=now)
    seen = sweep.look(actor=request.user, known=visitor(request, now=now), now=now)
    form = BulkForm(sent(request), zone=request.user.zone, number=seen.count, kind=BulkKind.REVOKE)
    if seen.count and form.is_valid():
        try:
            act = sweeping.revoke(
                sweep,
                counted=seen.count,
                typed=as_number(form.cleaned_data["number"].strip()),
                reason=form.said,
                key=form.form_key,
                actor=request.user,
                now=now,
            )
        except Refused as refused:
            form.add_refusals(refused)
        else:
            return _carry_out(request, act, now)
    pause = stopped if isinstance(stopped, Pause) else None
    context = {"now": now, "p": stopped, "pause": pause, "seen": seen, "form": form}
    return render(request, "tokens/emergency_revoke.html", context)


def _carry_out(request: SignedIn, act: BulkAct, now: datetime) -> HttpResponse:
    """Few at once, many by a job; what became of each stands on the page of the act."""
    if act.size > bulk.AT_ONCE:
        transaction.on_commit(tasks.start_bulk, robust=True)  # else beat starts it within seconds
        return redirect("tokens:bulk", act.pk)
    for _reached in bulk.carry_out(act.pk, clock=lambda: now):
        pass
    act.refresh_from_db()
    words = ngettext(
        "Revoked %(n)d token. It is refused from now on.",
        "Revoked %(n)d tokens. They are refused from now on.",
        act.done,
    )
    messages.success(request, words % {"n": act.done})
    return redirect("tokens:bulk", act.pk)
