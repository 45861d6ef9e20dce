"""The roles of the school: those that are built in, and its own, made, changed and retired."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import defining
from accounts.denials import Denied
from accounts.labels import RIGHTS, Text
from accounts.locks import RulesAreHeld
from accounts.models import Account, Role
from accounts.pages import SignedIn, sent, to_fill_in, to_read, visitor
from accounts.roles import CHIEF_FIRST, Base, Permission
from accounts.views.recent import asks_again
from policies.forms import RefusableForm
from policies.refusals import Code, Refused, of_denied, refuse
from tokens.forms import RoleForm
from tokens.views.reach import require_root_policy

_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class Row:
    """A role in the list, with its rights in words, and how many people hold it now."""

    role: Role
    rights: list[Text]
    holders: int
    may_change: bool


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """Show the school's own roles, those in use first, and the built-in ones."""
    now = timezone.now()
    require_root_policy(request, now=now)
    held, counts = _held(request, now), defining.holders(now)
    rows = [
        Row(
            role, [RIGHTS[right] for right in role.permissions], counts.get(role.pk, 0), defining.may_change(role, held)
        )
        for role in Role.objects.order_by("-retired_at", "label")
    ]
    built_in = [row for row in rows if row.role.is_builtin]
    built_in.sort(key=lambda row: CHIEF_FIRST.index(Base(row.role.base)))
    own = [row for row in rows if not row.role.is_builtin]
    return render(request, "tokens/roles.html", {"now": now, "own": own, "built_in": built_in})


@to_fill_in
@asks_again()
def define(request: SignedIn) -> HttpResponse:
    """Make a role."""
    now = timezone.now()
    require_root_policy(request, now=now)
    form = RoleForm(sent(request), held=_held(request, now), is_new=True)
    form.fields["label"].widget.attrs["autofocus"] = True
    if form.is_valid():
        asked = form.cleaned_data
        try:
            made = _done(lambda: defining.define(**asked, actor=request.user, now=now))
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("“%s” can now be given to people, on their pages.") % made.label)
            return redirect("tokens:roles")
    return render(request, "tokens/role_form.html", {"now": now, "form": form, "role": None})


@to_fill_in
@asks_again()
def edit(request: SignedIn, role_id: int) -> HttpResponse:
    """Change what a role is called and what its holders may do."""
    now = timezone.now()
    role = _own(request, role_id, now)
    initial = {"label": role.label, "permissions": role.permissions}
    form = RoleForm(sent(request), held=_held(request, now), is_new=False, initial=initial)
    if form.is_valid():
        label, permissions = form.cleaned_data["label"], form.cleaned_data["permissions"]
        try:
            shortened = _done(
                lambda: defining.change(role, label=label, permissions=permissions, actor=request.user, now=now)
            )
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _said(role, shortened))
            return redirect("tokens:roles")
    context = {"now": now, "form": form, "role": role, "holders": defining.holders(now).get(role.pk, 0)}
    return render(request, "tokens/role_form.html", context)


@to_fill_in
def retire(request: SignedIn, role_id: int) -> HttpResponse:
    """Let nobody be given a role any more."""
    now = timezone.now()
    role = _own(request, role_id, now)
    form = RefusableForm(sent(request))
    if form.is_valid():
        try:
            is_gone = _done(lambda: defining.retire(role, actor=request.user, now=now))
        except Refused as refused:
            form.add_refusals(refused)
        else:
            said = _("“%s” is gone.") if is_gone else _("“%s” is retired: nobody can be given it any more.")
            messages.success(request, said % role.label)
            return redirect("tokens:roles")
    context = {
        "now": now,
        "role": role,
        "form": form,
        "holders": defining.holders(now).get(role.pk, 0),
        "is_spoken_of": defining.is_spoken_of(role),
    }
    return render(request, "tokens/role_retire.html", context)


def _held(request: SignedIn, now: datetime) -> frozenset[Permission]:
    """What the visitor holds in the root account."""
    return visitor(request, now=now).standing.permissions_over(Account.objects.root().line)


def _own(request: SignedIn, role_id: int, now: datetime) -> Role:
    """A role that the visitor may change. Raises Http404 for a built-in one too: it has no such page."""
    require_root_policy(request, now=now)
    role = Role.objects.filter(pk=role_id).first()
    if role is None or not defining.may_change(role, _held(request, now)):
        raise Http404
    return role


def _done(act: Callable[[], _Done]) -> _Done:
    """Do it. Raises Refused for whatever stands against it."""
    try:
        return act()
    except Denied as denied:
        raise of_denied(denied) from denied
    except RulesAreHeld as held:
        raise refuse(Code.RULES_BUSY) from held


def _said(role: Role, shortened: int | None) -> str:
    if shortened is None:
        return _("Nothing had changed.")
    said = _("“%s” is saved. It holds from now on for everybody who holds it.") % role.label
    if shortened:
        words = ngettext("%(n)d token has an earlier end.", "%(n)d tokens have an earlier end.", shortened)
        said = f"{said} {words % {'n': shortened}}"
    return said
