"""Whose tokens may somebody see and act on (rule R5), for pages and API alike.

Out of reach answers like not there: the same Http404 or PermissionDenied, whatever exists.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from accounts.people import Membership, counting, homed_in, membership
from accounts.roles import Permission
from tokens.authentication import Bearer
from tokens.models import AccessToken, TokenRequest, TokenRequestQuerySet
from tokens.scopes import lacking_for

# A lookup id or its beginning; it starts with a letter, so it is never taken for a number.
_LOOKUP = re.compile(r"[A-Za-z][0-9A-Za-z]{4,15}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


class HoldsScope(BasePermission):
    """Lets a token do only what its scopes say, if it has some. Raises InsufficientScope, which names the scope."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Ask the table of scopes; what the view does not answer, it refuses to everybody by itself."""
        carried, match, method = request.auth, request.resolver_match, str(request.method)
        if isinstance(carried, Bearer) and match is not None and hasattr(view, method.lower()):
            scope = lacking_for(carried.token.scopes, method, str(match.url_name))
            if scope is not None:
                raise carried.lacking(scope)
        return True


def may_view(viewer: User, owner: User, *, now: datetime) -> bool:
    """Whether `viewer` may see `owner`'s tokens: their own, or with `tokens.view` over the owner."""
    if viewer.pk == owner.pk:
        return True
    return membership(viewer, now=now).sees(Permission.TOKENS_VIEW, membership(owner, now=now))


def may_act(actor: User, permission: Permission, owner: User, *, now: datetime) -> bool:
    """Whether `actor` may use `permission` on somebody else: nobody acts on a person who holds rights they lack."""
    return membership(actor, now=now).may(permission, membership(owner, now=now))


def owners_to_end_for(actor: User, known: Membership, owners: Mapping[int, Membership]) -> set[int]:
    """Those of `owners` whose tokens `actor` may end; `known` is what the actor's roles amount to. Own ones always."""
    return {pk for pk, owner in owners.items() if pk == actor.pk or known.may(Permission.TOKENS_DELETE, owner)}


def get_owner(viewer: User, owner: User | None, *, now: datetime) -> User:
    """The person whose tokens `viewer` lists. Raises PermissionDenied, for nobody as for somebody out of reach."""
    if owner is None or not may_view(viewer, owner, now=now):
        raise PermissionDenied
    return owner


def get_owner_to_issue_for(actor: User, owner: User | None, *, now: datetime) -> User:
    """The person for whom `actor` makes a token. Raises PermissionDenied; whether the policy allows it, issue says."""
    if owner is None or (actor.pk != owner.pk and not may_act(actor, Permission.TOKENS_CREATE, owner, now=now)):
        raise PermissionDenied
    return owner


def get_owner_to_revoke_all(actor: User, owner: User | None, *, now: datetime) -> User:
    """The person all of whose tokens `actor` ends. Raises Http404 or PermissionDenied."""
    if owner is None or not may_view(actor, owner, now=now):
        raise Http404
    if actor.pk != owner.pk and not may_act(actor, Permission.TOKENS_DELETE, owner, now=now):
        raise PermissionDenied
    return owner


def get_token(viewer: User, owner: User | None, reference: str, *, now: datetime) -> AccessToken:
    """One token of `owner`, to look at. Raises Http404."""
    if owner is None or not may_view(viewer, owner, now=now):
        raise Http404
    token = _find(owner, reference)
    if token is None:
        raise Http404
    return token


def get_token_to_act_on(
    actor: User, owner: User | None, reference: str, permission: Permission, *, now: datetime
) -> AccessToken:
    """One token of `owner`, for `actor` to change or end. One's own needs no permission.

    Raises Http404 for a token that `actor` may not see, PermissionDenied for one that they may only look at.
    """
    token = get_token(actor, owner, reference, now=now)
    if actor.pk != token.user_id and not may_act(actor, permission, token.user, now=now):
        raise PermissionDenied
    return token


def get_token_to_change(actor: User, owner: User | None, reference: str, *, now: datetime) -> AccessToken:
    """One token of `owner`, for `actor` to change or regenerate. Raises Http404, also for one they may only look at."""
    try:
        return get_token_to_act_on(actor, owner, reference, Permission.TOKENS_CREATE, now=now)
    except PermissionDenied as error:
        raise Http404 from error


def get_token_to_suspend(actor: User, owner: User | None, reference: str, *, now: datetime) -> AccessToken:
    """One token of `owner`, for `actor` to suspend or resume: a right over its owner that not even they have as such.

    Raises Http404 for a token that `actor` may not see, PermissionDenied for one that they may only look at.
    """
    token = get_token(actor, owner, reference, now=now)
    if not may_act(actor, Permission.TOKENS_DELETE, token.user, now=now):
        raise PermissionDenied
    return token


def requests_to_answer(viewer: User, known: Membership, *, now: datetime) -> TokenRequestQuerySet:
    """The requests of others that `viewer` may answer: theirs over whom they hold `tokens.create`, as `may_act` says.

    `known` is what the viewer's roles amount to.
    """
    reached = Q(pk__in=[])
    for grant in known.standing.grants:
        if Permission.TOKENS_CREATE in grant.permissions:
            held = list(known.standing.permissions_over(grant.path))
            beyond = counting(now).filter(user=OuterRef("person")).exclude(role__permissions__contained_by=held)
            # Below the root, with which every path begins, is everybody: nobody's home is looked up.
            below = Q() if len(grant.path) == 1 else Q(person__in=homed_in([grant.account_id], now=now))
            reached |= below & ~Q(Exists(beyond))
    return TokenRequest.objects.filter(reached).exclude(person=viewer)


def get_request_to_answer(actor: User, number: int, *, now: datetime) -> TokenRequest:
    """A request that `actor` may answer, or their own, which the verbs refuse. Raises Http404."""
    request = TokenRequest.objects.select_related("person").filter(pk=number).first()
    if request is None or not may_act(actor, Permission.TOKENS_CREATE, request.person, now=now):
        raise Http404
    return request


def get_own_request(owner: User, number: int) -> TokenRequest:
    """A request that the person made themselves. Raises Http404."""
    request = TokenRequest.objects.select_related("person", "token__user").filter(person=owner, pk=number).first()
    if request is None:
        raise Http404
    return request


def _find(owner: User, reference: str) -> AccessToken | None:
    """By number, lookup id, or a beginning of it that fits one token only."""
    tokens = AccessToken.objects.of(owner)
    if _NUMBER.fullmatch(reference):
        return tokens.filter(pk=int(reference)).first()
    if not _LOOKUP.fullmatch(reference):
        return None
    found = list(tokens.filter(lookup_id__startswith=reference)[:2])
    return found[0] if len(found) == 1 else None
