"""Exemptions from the cap: all of them on one page, a new one for a person or a role, and an early end."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, OpenState, Role, User
from accounts.pages import SignedIn, chosen_accounts, remember_visitor, sent, to_fill_in, to_read, visitor
from accounts.people import Membership, membership, memberships
from accounts.roles import Permission
from accounts.tree import is_within
from accounts.views.recent import asks_again
from policies import exemptions
from policies.exemptions import Ended
from policies.governing import decision_for
from policies.models import Exemption
from policies.refusals import Refused
from tokens.forms import ExemptionForm, RoleExemptionForm
from tokens.views.listing import Tab

HOLDING, OVER = "holding", "ended"
PER_PAGE, MOST_ACCOUNTS = 25, 500


@dataclass(frozen=True, slots=True)
class Row:
    """An exemption, and what the visitor may do about it."""

    exemption: Exemption
    holds: bool
    is_soon: bool
    may_end: bool


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """List the exemptions in the accounts whose policy the visitor edits: those that hold, or those that are over."""
    now = timezone.now()
    accounts = chosen_accounts(request, Permission.POLICY_EDIT, now=now)
    state = OVER if request.GET.get("state") == OVER else HOLDING
    found = Exemption.objects.filter(account__path__overlap=list(accounts))
    by_state = {
        HOLDING: found.holding(now=now).order_by("ends_at", "pk"),
        OVER: found.filter(Q(ended_at__isnull=False) | Q(ends_at__lte=now)).order_by("-ends_at", "-pk"),
    }
    counts = {name: some.count() for name, some in by_state.items()}
    listed = by_state[state].select_related("person", "role", "account", "approved_by", "ended_by")
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": now,
        "tabs": [
            Tab(HOLDING, _("Holding"), counts[HOLDING], state == HOLDING),
            Tab(OVER, _("Ended"), counts[OVER], state == OVER),
        ],
        "state": state,
        "page": page,
        "page_numbers": page.paginator.get_elided_page_range(page.number),
        "rows": _rows(list(page.object_list), visitor(request, now=now), now),
    }
    return render(request, "tokens/exemptions.html", context)


def _rows(found: Collection[Exemption], viewer: Membership, now: datetime) -> list[Row]:
    """With the roles of all their people, in one query."""
    people = memberships({each.person_id for each in found if each.person_id is not None}, now=now)
    return [_row(each, people, viewer, now) for each in found]


def _row(exemption: Exemption, people: dict[int, Membership], viewer: Membership, now: datetime) -> Row:
    holds = exemption.holds(now)
    person = people.get(exemption.person_id or 0)
    may_end = holds and (person is None or viewer.may(Permission.POLICY_EDIT, person))
    return Row(exemption, holds, holds and exemption.ends_at <= now + exemptions.WARNED_BEFORE, may_end)


@to_fill_in
@asks_again()
def of_person(request: SignedIn, user_id: int) -> HttpResponse:
    """Exempt a person for a while."""
    now = timezone.now()
    owner, known = _reached(request, User.objects.filter(pk=user_id).first(), now)
    form = ExemptionForm(sent(request), zone=owner.zone, now=now)
    if form.is_valid() and _exempt(request, form, owner, Account.objects.get(pk=known.home[-1]), now):
        return redirect("tokens:person", owner.pk)
    decision = decision_for(owner, now=now)
    context = {
        "now": now,
        "form": form,
        "owner": owner,
        "decision": decision,
        "latest": [replace(decision, exempt_until=each.end).ceiling if each.end else None for each in form.choices],
    }
    return render(request, "tokens/exempt_person.html", context)


def _reached(request: SignedIn, person: User | None, now: datetime) -> tuple[User, Membership]:
    """A person whose policy the visitor edits. Raises Http404, or PermissionDenied for one they only see."""
    if person is None:
        raise Http404
    known = memberships({request.user.pk, person.pk}, now=now)
    viewer, target = known[request.user.pk], known[person.pk]
    remember_visitor(request, viewer)
    if not any(viewer.sees(each, target) for each in (Permission.USERS_VIEW, Permission.POLICY_EDIT)):
        raise Http404
    if not viewer.may(Permission.POLICY_EDIT, target):
        raise PermissionDenied
    return person, target


@to_fill_in
@asks_again()
def of_role(request: SignedIn) -> HttpResponse:
    """Exempt all who hold a role in an account or below it."""
    now = timezone.now()
    within = chosen_accounts(request, Permission.POLICY_EDIT, now=now)
    accounts = Account.objects.filter(path__overlap=list(within)).exclude(state=OpenState.DELETED).order_by("path")
    form = RoleExemptionForm(
        sent(request),
        roles=list(Role.objects.order_by("-is_builtin", "label")),
        accounts=list(accounts[:MOST_ACCOUNTS]),
        zone=request.user.zone,
        now=now,
    )
    if form.is_valid() and _exempt(request, form, form.cleaned_data["role"], form.cleaned_data["account"], now):
        return redirect("tokens:exemptions")
    return render(request, "tokens/exempt_role.html", {"now": now, "form": form})


def _exempt(request: SignedIn, form: ExemptionForm, whom: User | Role, account: Account, now: datetime) -> bool:
    """Exempt, or show in the form why not."""
    asked = form.cleaned_data
    try:
        exemptions.exempt(whom, account, reason=asked["reason"], ends_at=asked["ends_at"], actor=request.user, now=now)
    except Refused as refused:
        form.add_refusals(refused)
        return False
    messages.success(request, _("The exemption holds from now on."))
    return True


@to_fill_in
def end(request: SignedIn, exemption_id: int) -> HttpResponse:
    """End an exemption before its time."""
    now = timezone.now()
    found = Exemption.objects.select_related("person", "role", "account", "approved_by")
    exemption = get_object_or_404(found, pk=exemption_id)
    _require_reach(request, exemption, now)
    problem = ""
    if sent(request) is not None:
        try:
            messages.success(request, _said(exemptions.end(exemption, actor=request.user, now=now)))
        except Refused as refused:
            problem = refused.code
        else:
            return redirect("tokens:exemptions")
    context = {"now": now, "exemption": exemption, "is_busy": bool(problem), "holds": exemption.holds(now)}
    return render(request, "tokens/exemption_end.html", context)


def _require_reach(request: SignedIn, exemption: Exemption, now: datetime) -> None:
    """Raise Http404 unless the visitor edits the policy over the person, or of a role's account."""
    viewer = visitor(request, now=now)
    if exemption.person is not None:
        may = viewer.may(Permission.POLICY_EDIT, membership(exemption.person, now=now))
    else:
        may = is_within(exemption.account.path, viewer.standing.accounts_with(Permission.POLICY_EDIT))
    if not may:
        raise Http404


def _said(ended: Ended | None) -> str:
    """What an early end has done."""
    if ended is None:
        return _("This exemption was over already.")
    said = _("The exemption has ended.")
    if ended.shortened is None:
        return f"{said} {_('A job is giving many tokens an earlier end now.')}"
    if ended.shortened:
        words = ngettext("%(n)d token has an earlier end.", "%(n)d tokens have an earlier end.", ended.shortened)
        return f"{said} {words % {'n': ended.shortened}}"
    return said
