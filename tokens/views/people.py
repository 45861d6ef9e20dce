"""People, for administrators: found by a few letters, with the tokens that each holds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import finding
from accounts.models import User
from accounts.pages import SignedIn, chosen_accounts, to_read, visitor
from accounts.parameters import words_in
from accounts.people import Membership, homed_in, memberships
from accounts.roles import Base, Grant, Permission, Standing
from tokens.models import AccessToken

A_PAGE = 25  # people
HOLDS, HOLDS_NONE = "yes", "no"


@dataclass(frozen=True, slots=True)
class Found:
    """A person of the list with the roles that count, one of each name.

    `in_use` is None where the visitor may not see this person's tokens.
    """

    person: User
    grants: list[Grant]
    in_use: int | None
    may_revoke: bool


@to_read
def people(request: SignedIn) -> HttpResponse:
    """List the people over whom the visitor holds `users.view`, narrowed by words, roles and tokens held."""
    now = timezone.now()
    accounts = chosen_accounts(request, Permission.USERS_VIEW, now=now)
    viewer = visitor(request, now=now)
    term, role = words_in(request.GET.get("q", "")), request.GET.get("role", "")
    holds = request.GET.get("holds", "")
    found = finding.of_role(homed_in(accounts, now=now), role, now=now)
    found = finding.search(found, term) if term else found
    found = _holding(found, holds, viewer.standing, now)
    page = list(finding.after(found, request.GET.get("after", ""))[: A_PAGE + 1])
    context = {
        "now": now,
        "rows": _filled_in(page[:A_PAGE], viewer, now),
        "next": page[A_PAGE - 1].pk if len(page) > A_PAGE else None,
        "count": finding.count(found),
        "counted": finding.COUNTED,
        "q": term,
        "role": role,
        "bases": list(Base),
        "holds": holds,
        "sees_tokens": Permission.TOKENS_VIEW in viewer.standing.permissions,
    }
    return render(request, "tokens/people.html", context)


def _holding(found: QuerySet[User], holds: str, viewer: Standing, now: datetime) -> QuerySet[User]:
    """Those who hold tokens in use, or none: only people whose tokens the visitor may see, for it tells of them."""
    seen = viewer.accounts_with(Permission.TOKENS_VIEW)
    if not seen or holds not in {HOLDS, HOLDS_NONE}:
        return found
    if not seen >= viewer.accounts_with(Permission.USERS_VIEW):
        found = found.filter(pk__in=homed_in(seen, now=now))
    held = Exists(AccessToken.objects.in_use(now=now).filter(user=OuterRef("pk")))
    return found.filter(held if holds == HOLDS else ~held)


def _filled_in(page: list[User], viewer: Membership, now: datetime) -> list[Found]:
    """The people of one page with their roles and the number of their tokens, in two queries."""
    ids = [person.pk for person in page]
    known, in_use = memberships(ids, now=now), _in_use(ids, now)
    return [_found(person, known[person.pk], in_use.get(person.pk, 0), viewer) for person in page]


def _found(person: User, known: Membership, in_use: int, viewer: Membership) -> Found:
    sees = viewer.sees(Permission.TOKENS_VIEW, known)
    may_revoke = viewer.may(Permission.TOKENS_DELETE, known) and (in_use > 0 or not sees)
    grants = list({grant.label: grant for grant in known.standing.grants}.values())
    return Found(person, grants, in_use if sees else None, may_revoke)


def _in_use(ids: Collection[int], now: datetime) -> dict[int, int]:
    held = AccessToken.objects.in_use(now=now).filter(user__in=ids)
    return dict(held.values("user").annotate(count=Count("pk")).values_list("user", "count"))
