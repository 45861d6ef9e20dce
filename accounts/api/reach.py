"""Who calls the API, and which people and accounts they may look at."""

from datetime import datetime

from django.http import Http404
from rest_framework.request import Request

from accounts.models import Account, User
from accounts.people import find_person, membership
from accounts.roles import Permission
from accounts.tree import is_within


def caller(request: Request) -> User:
    """Who calls. Every endpoint is for the authenticated only."""
    user: User = request.user  # type: ignore[assignment]  # IsAuthenticated keeps the anonymous out
    return user


def get_person(viewer: User, reference: str, *, now: datetime) -> User:
    """The person a path names. Raises Http404, for nobody as for somebody over whom `viewer` lacks `users.view`."""
    person = find_person(reference, viewer=viewer)
    if person is None or not _may_see(viewer, person, now):
        raise Http404
    return person


def _may_see(viewer: User, person: User, now: datetime) -> bool:
    if viewer.pk == person.pk:
        return True
    return membership(viewer, now=now).sees(Permission.USERS_VIEW, membership(person, now=now))


def held_accounts(viewer: User, permission: Permission | None = None, *, now: datetime) -> frozenset[int]:
    """Ids of the accounts in which `viewer` holds `permission`, or any right at all."""
    standing = membership(viewer, now=now).standing
    wanted = list(Permission) if permission is None else [permission]
    return frozenset().union(*(standing.accounts_with(each) for each in wanted))


def get_account(viewer: User, reference: str, permission: Permission | None = None, *, now: datetime) -> Account:
    """The account that a path names: a number, or `self` for the root.

    Raises Http404, for none as for one in whose line `viewer` holds neither `permission` nor, without one, any right.
    """
    is_number = reference.isascii() and reference.isdigit() and len(reference) <= 18
    found = {"parent": None} if reference == "self" else {"pk": int(reference) if is_number else None}
    account = Account.objects.filter(**found).first()
    if account is None or not is_within(account.path, held_accounts(viewer, permission, now=now)):
        raise Http404
    return account
