"""A person leaves: switched off with what becomes of their tokens, and let in again."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import leaving as switching
from accounts.denials import Denied
from accounts.models import User
from accounts.pages import SignedIn, sent, to_fill_in, visitor
from accounts.parameters import words_in
from accounts.people import Membership
from accounts.roles import Permission
from policies.refusals import Refused, of_denied
from tokens import leaving
from tokens.forms import LeavingForm, ReasonForm
from tokens.texts import clean_reason
from tokens.views.ending import ending_of
from tokens.views.person import reached


@to_fill_in
def deactivate(request: SignedIn, user_id: int) -> HttpResponse:
    """Switch a person off, and say what becomes of their tokens."""
    now = timezone.now()
    person, known = person_to_switch(request, user_id, now)
    if not person.is_active:
        return redirect("tokens:person", person.pk)
    ending = ending_of(leaving.at_stake(person, now=now), now=now)
    working = [token for token, _requests in ending.named if token.is_live(now)]
    may_end = visitor(request, now=now).may(Permission.TOKENS_DELETE, known)
    form = LeavingForm(sent(request), offered=working, may_end=may_end)
    if form.is_valid() and _deactivate(request, person, form, now):
        return redirect("tokens:person", person.pk)
    context: dict[str, Any] = {"now": now, "owner": person, "form": form, "ending": ending, "working": working}
    return render(request, "tokens/person_deactivate.html", context)


def _deactivate(request: SignedIn, person: User, form: LeavingForm, now: datetime) -> bool:
    """Do it, or show in the form why not."""
    standing, chosen = visitor(request, now=now).standing, form.chosen
    to = leaving.find_successor(words_in(form.cleaned_data["to"]), standing, now=now) if chosen else None
    try:
        left = leaving.deactivate(
            person,
            fate=form.fate,
            hand_over=chosen,
            to=to,
            actor=request.user,
            now=now,
            reason=form.cleaned_data["reason"],
        )
    except Refused as refused:
        form.add_refusals(refused)
        return False
    except Denied as denied:
        form.add_refusals(of_denied(denied))
        return False
    messages.success(request, _said(person, left, to))
    return True


def _said(person: User, left: leaving.Left, to: User | None) -> str:
    facts = {"name": person.name, "ended": left.ended, "suspended": left.suspended, "handed": left.handed}
    said = _("%(name)s is deactivated. Tokens ended: %(ended)d, suspended: %(suspended)d.") % facts
    if to is None:
        return said
    handed = _("Tokens that wait for %(to)s: %(handed)d.") % {**facts, "to": to.name}
    return f"{said} {handed}"


@to_fill_in
def reactivate(request: SignedIn, user_id: int) -> HttpResponse:
    """Let a person sign in again; no token comes back with them."""
    now = timezone.now()
    person, _known = person_to_switch(request, user_id, now)
    if person.is_active:
        return redirect("tokens:person", person.pk)
    form = ReasonForm(sent(request), is_own=True)
    if form.is_valid():
        try:
            switching.reactivate(person, actor=request.user, now=now, reason=clean_reason(form.cleaned_data["reason"]))
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("%(name)s may sign in again.") % {"name": person.name})
            return redirect("tokens:person", person.pk)
    return render(request, "tokens/person_reactivate.html", {"now": now, "owner": person, "form": form})


def person_to_switch(request: SignedIn, user_id: int, now: datetime) -> tuple[User, Membership]:
    """Whom the visitor may switch. Raises Http404 out of reach, PermissionDenied for only looking, and for oneself."""
    person = User.objects.filter(pk=user_id).first()
    if person is None:
        raise Http404
    known, _sees_tokens = reached(request, person, now)
    if person.pk == request.user.pk or not switching.may_switch(visitor(request, now=now), known):
        raise PermissionDenied
    return person, known
