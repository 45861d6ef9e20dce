"""The audit log: who did what to whom, newest first."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Account
from accounts.pages import SignedIn, to_read, visitor
from accounts.people import homed_in, search
from accounts.roles import Permission

A_PAGE = 50  # lines
KINDS = ("token", "policy", "person", "enrollment", "account")


@to_read
def audit_log(request: SignedIn) -> HttpResponse:
    """List the events that touch the people and accounts over which the visitor holds `audit.view`."""
    now = timezone.now()
    accounts = visitor(request, now=now).standing.accounts_with(Permission.AUDIT_VIEW)
    if not accounts:
        raise PermissionDenied
    term, kind = request.GET.get("q", "").strip().replace("\0", ""), request.GET.get("kind", "")
    events = _matching(_within(accounts, now), term, kind, accounts, now)
    rows = list(_before(events, request.GET.get("before", ""))[: A_PAGE + 1])
    context = {
        "now": now,
        "events": rows[:A_PAGE],
        "next": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else None,
        "q": term,
        "kind": kind,
        "kinds": KINDS,
    }
    return render(request, "accounts/audit_log.html", context)


def _within(accounts: frozenset[int], now: datetime) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.select_related("actor", "person", "account").order_by("-pk")
    if Account.objects.root().pk in accounts:
        return events
    people = homed_in(accounts, now=now).values("pk")
    return events.filter(Q(person__in=people) | Q(account__path__overlap=list(accounts)))


def _matching(
    events: QuerySet[AuditEvent], term: str, kind: str, accounts: frozenset[int], now: datetime
) -> QuerySet[AuditEvent]:
    if kind in KINDS:
        events = events.filter(action__startswith=f"{kind}.")
    if not term:
        return events
    people = search(homed_in(accounts, now=now), term).values("pk")
    return events.filter(Q(person__in=people) | Q(actor__in=people) | Q(reason__icontains=term))


def _before(events: QuerySet[AuditEvent], last: str) -> QuerySet[AuditEvent]:
    """The lines before the one that ended the page before."""
    is_number = last.isascii() and last.isdigit() and len(last) < 19
    return events.filter(pk__lt=int(last)) if is_number else events
