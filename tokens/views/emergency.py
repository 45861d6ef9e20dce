"""Emergency stop: what is paused, pausing after a look at what that covers, and lifting."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.pages import SignedIn, sent, to_fill_in, to_read, visitor
from accounts.parameters import number_in
from accounts.roles import Permission
from accounts.views.recent import asks_again
from policies.forms import RefusableForm
from policies.refusals import Refused
from tokens import emergency as stopping
from tokens import tasks
from tokens.forms import PauseForm, StopForm
from tokens.models import Pause

MOST_ACCOUNTS, MOST_PAST = 500, 50
LOOK = "look"  # the button that shows the mail


@dataclass(frozen=True, slots=True)
class Row:
    """A pause in the list."""

    pause: Pause
    may_lift: bool


@to_read
def emergency(request: SignedIn) -> HttpResponse:
    """Ask whose tokens to stop, and list what is paused and what was."""
    now = timezone.now()
    return list_page(request, chosen_of(request, now), now)


def list_page(request: SignedIn, form: StopForm, now: datetime, *, wrong: Refused | None = None) -> HttpResponse:
    """Ask, with what was asked wrong, above the list; an address that asks for nothing has nothing wrong in it."""
    if wrong is not None and form.is_bound:
        form.is_valid()
        form.add_refusals(wrong)
    standing = visitor(request, now=now).standing
    found = (
        stopping.pauses_seen_by(standing).select_related("account", "course", "made_by", "lifted_by").order_by("-pk")
    )
    before = number_in(request.GET.get("before", ""))
    lifted = found.filter(Q() if before is None else Q(pk__lt=before), lifted_at__isnull=False)
    past = list(lifted[: MOST_PAST + 1])
    lists = {"open": list(found.in_force()), "past": past[:MOST_PAST]}
    rows = {name: [Row(each, stopping.may_lift(standing, each)) for each in some] for name, some in lists.items()}
    older = past[MOST_PAST - 1].pk if len(past) > MOST_PAST else None
    return render(request, "tokens/emergency.html", {"now": now, "form": form, "older": older, **rows})


@to_fill_in
@asks_again()
def stop(request: SignedIn) -> HttpResponse:
    """Show what a stop covers, and with a reason pause it."""
    now = timezone.now()
    chosen = chosen_of(request, now)
    try:
        target = stopping.target_of(visitor(request, now=now).standing, **chosen.asked)
    except Refused as refused:
        return list_page(request, chosen, now, wrong=refused)
    form = PauseForm(sent(request))
    if LOOK not in request.POST and form.is_valid():
        try:
            made = stopping.pause(target, **form.cleaned_data, actor=request.user, now=now)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            transaction.on_commit(tasks.start_reporting_pauses, robust=True)  # else beat starts it within seconds
            messages.success(request, _("Paused. These tokens are refused from now on."))
            return redirect("tokens:emergency_report", made.pk)
    mail = stopping.mail_of(target, words=form.checked_words(), actor=request.user, now=now)
    covered = stopping.covered(target.stop, now=now)
    context = {
        "now": now,
        "target": target,
        "covered": covered,
        "form": form,
        "mail": mail,
        "is_look": LOOK in request.POST,
    }
    return render(request, "tokens/emergency_stop.html", context)


@to_fill_in
@asks_again()
def lift(request: SignedIn, pause_id: int) -> HttpResponse:
    """Let the tokens of a pause work again."""
    now = timezone.now()
    pause = seen_pause(request, pause_id, now)
    if not stopping.may_lift(visitor(request, now=now).standing, pause):
        raise PermissionDenied
    form = RefusableForm(sent(request))
    if form.is_valid():
        try:
            stopping.lift(pause, actor=request.user, now=now)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            transaction.on_commit(tasks.start_reporting_pauses, robust=True)
            messages.success(request, _("Lifted. These tokens work again."))
            return redirect("tokens:emergency_report", pause.pk)
    return render(request, "tokens/emergency_lift.html", {"now": now, "pause": pause, "form": form})


def seen_pause(request: SignedIn, pause_id: int, now: datetime) -> Pause:
    """A pause that the visitor sees. Raises PermissionDenied for who stops no tokens of others, or Http404."""
    standing = visitor(request, now=now).standing
    if not standing.accounts_with(Permission.TOKENS_DELETE):
        raise PermissionDenied
    rows = stopping.pauses_seen_by(standing).select_related("account", "course", "made_by", "lifted_by")
    pause = rows.filter(pk=pause_id).first()
    if pause is None:
        raise Http404
    return pause


def chosen_of(request: SignedIn, now: datetime) -> StopForm:
    """What the address asks for. Raises PermissionDenied for who stops no tokens of others."""
    standing = visitor(request, now=now).standing
    held = standing.accounts_with(Permission.TOKENS_DELETE)
    if not held:
        raise PermissionDenied
    accounts = list(stopping.accounts_to_stop_in(standing).order_by("path")[:MOST_ACCOUNTS])
    return StopForm(request.GET or None, accounts=accounts, is_root=Account.objects.root().pk in held)
