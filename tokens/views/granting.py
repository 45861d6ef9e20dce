"""Giving a person a role, and ending some of theirs, from their page."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import granting
from accounts.denials import Denied
from accounts.labels import role_name
from accounts.models import Role, User
from accounts.pages import SignedIn, sent, to_fill_in, visitor
from accounts.people import Membership
from accounts.views.recent import asks_again
from policies.refusals import of_denied
from tokens.forms import EndRoleForm, GiveRoleForm
from tokens.views.person import reached


@to_fill_in
@asks_again()
def give(request: SignedIn, user_id: int) -> HttpResponse:
    """Give a person a role in an account."""
    now = timezone.now()
    person, known = _administered(request, user_id, now)
    standing = visitor(request, now=now).standing
    form = GiveRoleForm(
        sent(request),
        roles=granting.roles_to_give(standing),
        accounts=granting.accounts_to_give_in(standing),
        now=now,
        zone=request.user.zone,
        initial={"account": known.home[-1]},
    )
    if form.is_valid() and _give(request, person, form, now):
        return redirect("tokens:person", person.pk)
    return render(request, "tokens/role_give.html", {"now": now, "owner": person, "form": form})


def _give(request: SignedIn, person: User, form: GiveRoleForm, now: datetime) -> bool:
    """Give what was chosen, or show in the form why not."""
    role, account = form.cleaned_data["role"], form.cleaned_data["account"]
    try:
        granting.give(person, role, account, until=form.cleaned_data["until"], actor=request.user, now=now)
    except Denied as denied:
        form.add_refusals(of_denied(denied))
        return False
    facts = {"name": person.name, "role": role_name(role.label), "account": account.name}
    messages.success(request, _("%(name)s now holds the role %(role)s in %(account)s.") % facts)
    return True


@to_fill_in
def end(request: SignedIn, user_id: int, role_id: int) -> HttpResponse:
    """End a role of a person, in the places that are ticked."""
    now = timezone.now()
    person, _known = _administered(request, user_id, now)
    role = get_object_or_404(Role, pk=role_id)
    standing = visitor(request, now=now).standing
    held = [each for each in granting.held_by(person).filter(role=role) if granting.may_end(standing, each)]
    if not held:
        raise Http404
    form = EndRoleForm(sent(request), held=held)
    if form.is_valid() and _end(request, person, role, form, now):
        return redirect("tokens:person", person.pk)
    return render(request, "tokens/role_end.html", {"now": now, "owner": person, "role": role, "form": form})


def _end(request: SignedIn, person: User, role: Role, form: EndRoleForm, now: datetime) -> bool:
    """End what was ticked, or show in the form why not."""
    ids = [enrollment.pk for enrollment in form.cleaned_data["places"]]
    try:
        ended = granting.end(person, ids, actor=request.user, now=now)
    except Denied as denied:
        form.add_refusals(of_denied(denied))
        return False
    words = ngettext(
        "%(name)s no longer holds the role %(role)s in %(n)d place.",
        "%(name)s no longer holds the role %(role)s in %(n)d places.",
        ended,
    )
    messages.success(request, words % {"name": person.name, "role": role_name(role.label), "n": ended})
    return True


def _administered(request: SignedIn, user_id: int, now: datetime) -> tuple[User, Membership]:
    """A person to whom the visitor may give roles. Raises Http404 out of reach, PermissionDenied for only looking."""
    person = User.objects.filter(pk=user_id).first()
    if person is None:
        raise Http404
    known, _sees_tokens = reached(request, person, now)
    if not granting.may_administer(visitor(request, now=now), known):
        raise PermissionDenied
    return person, known
