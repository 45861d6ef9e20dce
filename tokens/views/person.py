"""A person, for administrators: who they are, what they may, what they hold, and how it ends."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import granting, leaving
from accounts.audit import AuditEvent
from accounts.factors.keeping import has_second_step
from accounts.holdings import A_FEW, MOST, holdings_of
from accounts.models import Account, User
from accounts.pages import SignedIn, remember_visitor, to_fill_in, to_read, visitor
from accounts.people import Membership, memberships
from accounts.roles import Permission
from accounts.tree import is_within
from policies.explaining import what_if_for_others, why_capped_for_others, why_free_for_others
from policies.foreseeing import foresee_one
from policies.governing import outlook_for
from policies.models import Exemption
from policies.outlook import Outlook
from tokens import lifecycle
from tokens.models import AccessToken, Flag, living_past
from tokens.permissions import get_owner_to_revoke_all
from tokens.views.ending import end
from tokens.views.flags import flags_of_person
from tokens.views.listing import Listing
from tokens.views.reach import rights_over, sees_trail_of

MOST_EVENTS = 6


@to_read
def person(request: SignedIn, user_id: int) -> HttpResponse:
    """Show a person to whoever may see them; their tokens to whoever may see those."""
    now = timezone.now()
    owner = User.objects.filter(pk=user_id).annotate(has_second_step=has_second_step()).first()
    if owner is None:
        raise Http404
    known, sees_tokens = reached(request, owner, now)
    outlook = outlook_for(owner, known, now=now)
    listing = None
    if sees_tokens:
        prospect = foresee_one(owner.pk, known, now=now)
        listing = Listing(owner, request.GET, now=now, usual="all", also=_counted(outlook), prospect=prospect)
    holdings = holdings_of(owner, now=now, most=MOST if request.GET.get("roles") == "all" else A_FEW)
    home = Account.objects.get(pk=known.home[-1])
    viewer = visitor(request, now=now)
    gives_roles = granting.may_administer(viewer, known)
    history: list[Any] | None = list(_history(owner)) if sees_tokens else None
    context = {
        "now": now,
        "owner": owner,
        "holdings": holdings,
        "gives_roles": gives_roles,
        "may_switch": owner.pk != request.user.pk and leaving.may_switch(viewer, known),
        "endable": granting.ids_of_roles_to_end(viewer.standing, owner) if gives_roles else (),
        "is_cut": any(held.others for held in holdings),
        "home": home,
        "may_edit": is_within(home.path, viewer.standing.accounts_with(Permission.POLICY_EDIT)),
        "exemptions": Exemption.objects.holding(now=now).filter(person=owner).select_related("approved_by"),
        "may_exempt": owner.pk != request.user.pk and viewer.may(Permission.POLICY_EDIT, known),
        "decision": outlook.decision,
        "outlook": outlook,
        "why_capped": why_capped_for_others(outlook.decision),
        "why_free": why_free_for_others(outlook),
        "what_if": what_if_for_others(outlook),
        "rights": rights_over(owner, request=request, known=known, now=now),
        "listing": listing,
        "flags": flags_of_person(owner, request, now=now) if listing and listing.counts["flagged"] else [],
        "history": history,
        "purposes": {event.subject_id: event.purpose for event in history or () if event.purpose},
        "sees_trail": sees_trail_of(known, request=request, now=now),
    }
    return render(request, "tokens/person.html", context)


def reached(request: SignedIn, owner: User, now: datetime) -> tuple[Membership, bool]:
    """What the person amounts to, and whether the visitor sees their tokens. Raises Http404, as for nobody."""
    known = memberships({request.user.pk, owner.pk}, now=now)
    viewer, target = known[request.user.pk], known[owner.pk]
    remember_visitor(request, viewer)
    sees_tokens = viewer.sees(Permission.TOKENS_VIEW, target)
    if not (sees_tokens or viewer.sees(Permission.USERS_VIEW, target)):
        raise Http404
    return target, sees_tokens


def _counted(outlook: Outlook) -> dict[str, Q]:
    """What to count beside the list: unusual use, and tokens that live longer than they could without some roles."""
    ceiling = outlook.without.ceiling if outlook.without else None
    flagged = Q(Exists(Flag.objects.undecided().filter(token=OuterRef("pk"))))
    return {"flagged": flagged, **({} if ceiling is None else {"longer": living_past(ceiling)})}


def _history(owner: User) -> QuerySet[AuditEvent]:
    """The latest that happened to a person, each event with the purpose of the token it is about, if it is."""
    purpose = AccessToken.objects.filter(pk=OuterRef("subject_id"), user=owner).values("purpose")
    events = AuditEvent.objects.filter(person=owner).select_related("actor")
    return events.annotate(purpose=Subquery(purpose)).order_by("-pk")[:MOST_EVENTS]


@to_fill_in
def revoke_selected(request: SignedIn, user_id: int) -> HttpResponse:
    """End the tokens whose boxes were ticked, `?id=…&id=…`."""
    now = timezone.now()
    owner = get_owner_to_revoke_all(request.user, User.objects.filter(pk=user_id).first(), now=now)
    ids = {int(text) for text in request.GET.getlist("id") if text.isascii() and text.isdigit() and len(text) < 19}
    tokens = AccessToken.objects.filter(user=owner, pk__in=ids).in_use(now=now)
    if not tokens.exists():
        return redirect("tokens:person", owner.pk)
    return end(request, owner, tokens, partial(lifecycle.revoke_many, tokens.values_list("pk", flat=True)), now=now)


@to_fill_in
def revoke_all(request: SignedIn, user_id: int) -> HttpResponse:
    """End every token of a person, also what was made since the page was drawn."""
    now = timezone.now()
    owner = get_owner_to_revoke_all(request.user, User.objects.filter(pk=user_id).first(), now=now)
    tokens = AccessToken.objects.filter(user=owner).in_use(now=now)
    return end(request, owner, tokens, partial(lifecycle.revoke_all, owner), now=now)
