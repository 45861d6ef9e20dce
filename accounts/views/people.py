"""Finding people."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import User
from accounts.pages import SignedIn, to_read, visitor
from accounts.people import counting, homed_in, memberships, search
from accounts.roles import Base, Grant, Permission

A_PAGE = 25  # people


@dataclass(frozen=True, slots=True)
class Found:
    """A person of the list with the roles that count, one of each name."""

    person: User
    grants: list[Grant]


@to_read
def people(request: SignedIn) -> HttpResponse:
    """List the people over whom the visitor holds `users.view`, narrowed by a word and a kind of role."""
    now = timezone.now()
    standing = visitor(request, now=now).standing
    accounts = standing.accounts_with(Permission.USERS_VIEW)
    if not accounts:
        raise PermissionDenied
    term, base = request.GET.get("q", "").strip().replace("\0", ""), request.GET.get("role", "")
    reached = homed_in(accounts, now=now)
    found = _of_role(search(reached, term) if term else reached, base, now)
    rows = list(_after(found, request.GET.get("after", ""))[: A_PAGE + 1])
    context = {
        "now": now,
        "rows": _with_roles(rows[:A_PAGE], now),
        "next": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else None,
        "q": term,
        "role": base,
        "bases": list(Base),
        "may_revoke": Permission.TOKENS_DELETE in standing.permissions,
    }
    return render(request, "accounts/people.html", context)


def _of_role(found: QuerySet[User], base: str, now: datetime) -> QuerySet[User]:
    if base not in set(Base):
        return found
    return found.filter(pk__in=counting(now).filter(role__base=base).values("user_id"))


def _after(found: QuerySet[User], last: str) -> QuerySet[User]:
    """The people after the one whose id ended the page before; no page costs more because it is deep."""
    found = found.order_by("sortable_name", "pk")
    before = User.objects.filter(pk=int(last)).first() if last.isascii() and last.isdigit() and len(last) < 19 else None
    if before is None:
        return found
    beyond = Q(sortable_name__gt=before.sortable_name) | Q(sortable_name=before.sortable_name, pk__gt=before.pk)
    return found.filter(beyond, sortable_name__gte=before.sortable_name)


def _with_roles(rows: list[User], now: datetime) -> list[Found]:
    known = memberships([person.pk for person in rows], now=now)
    return [
        Found(person, list({grant.label: grant for grant in known[person.pk].standing.grants}.values()))
        for person in rows
    ]
