"""A person, for administrators: who they are, what they may, what they hold, and how it ends."""

from datetime import datetime

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Account, Enrollment, User
from accounts.pages import SignedIn, remember_visitor, sent, to_fill_in, to_read
from accounts.people import counting
from accounts.roles import Permission
from policies.governing import Governed, governed_many
from policies.refusals import Refused
from policies.wording import why_capped_for_others
from tokens import lifecycle
from tokens.forms import ReasonForm
from tokens.permissions import get_owner_to_revoke_all
from tokens.views.listing import Listing, Row
from tokens.views.mine import say_revoked
from tokens.views.reach import rights_over

MOST_EVENTS = 6


@to_read
def person(request: SignedIn, user_id: int) -> HttpResponse:
    """Show a person to whoever may see them; their tokens to whoever may see those."""
    now = timezone.now()
    owner = User.objects.filter(pk=user_id).first()
    if owner is None:
        raise Http404
    known, sees_tokens = _reached(request, owner, now)
    listing = Listing(owner, request.GET, now=now, usual="all") if sees_tokens else None
    context = {
        "now": now,
        "owner": owner,
        "enrollments": _enrollments(owner, now),
        "home": Account.objects.get(pk=known.membership.home[-1]),
        "decision": known.decision,
        "why_capped": why_capped_for_others(known.decision),
        "rights": rights_over(owner, request=request, known=known.membership, now=now),
        "listing": listing,
        "purposes": {row.token.pk: row.token.purpose for row in listing.rows} if listing else {},
        "history": _history(owner) if sees_tokens else None,
    }
    return render(request, "tokens/person.html", context)


def _reached(request: SignedIn, owner: User, now: datetime) -> tuple[Governed, bool]:
    """What governs the person, and whether the visitor sees their tokens. Raises Http404, as for nobody."""
    known = governed_many({request.user.pk, owner.pk}, now=now)
    viewer, target = known[request.user.pk].membership, known[owner.pk].membership
    remember_visitor(request, viewer)
    sees_tokens = viewer.sees(Permission.TOKENS_VIEW, target)
    if not (sees_tokens or viewer.sees(Permission.USERS_VIEW, target)):
        raise Http404
    return known[owner.pk], sees_tokens


def _enrollments(owner: User, now: datetime) -> QuerySet[Enrollment]:
    """Every role with where it is held, and whether it counts now; those that count come first."""
    held = owner.enrollments.select_related("role", "account", "course")
    counts = Exists(counting(now).filter(pk=OuterRef("pk")))
    return held.annotate(counts=counts).order_by("-counts", "role__label", "pk")


def _history(owner: User) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(person=owner).select_related("actor").order_by("-pk")[:MOST_EVENTS]


@to_fill_in
def revoke_selected(request: SignedIn, user_id: int) -> HttpResponse:
    """End the tokens whose boxes were ticked, `?id=…&id=…`."""
    now = timezone.now()
    owner = get_owner_to_revoke_all(request.user, User.objects.filter(pk=user_id).first(), now=now)
    ids = {int(text) for text in request.GET.getlist("id") if text.isascii() and text.isdigit()}
    rows = [row for row in Listing(owner, request.GET, now=now).in_use if row.token.pk in ids]
    if not rows:
        return redirect("tokens:person", owner.pk)
    return _revoke(request, owner, rows, now, everything=False)


@to_fill_in
def revoke_all(request: SignedIn, user_id: int) -> HttpResponse:
    """End every token of a person."""
    now = timezone.now()
    owner = get_owner_to_revoke_all(request.user, User.objects.filter(pk=user_id).first(), now=now)
    return _revoke(request, owner, Listing(owner, request.GET, now=now).in_use, now, everything=True)


def _revoke(request: SignedIn, owner: User, rows: list[Row], now: datetime, *, everything: bool) -> HttpResponse:
    """Show what would end, ask why, end it. "All" includes what was made since the page was drawn."""
    form = ReasonForm(sent(request))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            if everything:
                ended = lifecycle.revoke_all(owner, actor=request.user, now=now, reason=reason)
            else:
                ids = [row.token.pk for row in rows]
                ended = lifecycle.revoke_many(ids, actor=request.user, now=now, reason=reason)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, say_revoked(ended))
            return redirect("tokens:person", owner.pk)
    context = {"now": now, "form": form, "rows": rows, "owner": owner, "is_own": False}
    return render(request, "tokens/revoke_many.html", context)
