"""What the visitor may do with somebody's tokens, for the pages that offer it; whoever acts is asked again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied

from accounts.models import Account, User
from accounts.pages import SignedIn, visitor
from accounts.people import Membership, membership
from accounts.roles import Permission
from policies.decision import Decision
from tokens import permissions, scopes
from tokens.models import AccessToken


@dataclass(frozen=True, slots=True)
class Rights:
    """Which buttons are drawn."""

    is_own: bool
    create: bool
    delete: bool

    @property
    def suspend(self) -> bool:
        """Only somebody else stops a token for a while: its owner could lift what an administrator did."""
        return self.delete and not self.is_own


def rights_over(owner: User, *, request: SignedIn, known: Membership | None = None, now: datetime) -> Rights:
    """What the visitor may do with `owner`'s tokens; `known` is what the owner's roles amount to."""
    if request.user.pk == owner.pk:
        return Rights(is_own=True, create=True, delete=True)
    viewer, target = visitor(request, now=now), known or membership(owner, now=now)
    return Rights(
        is_own=False,
        create=viewer.may(Permission.TOKENS_CREATE, target),
        delete=viewer.may(Permission.TOKENS_DELETE, target),
    )


def sees_trail_of(owner: Membership, *, request: SignedIn, now: datetime) -> bool:
    """Whether the audit log shows the visitor what touches a person; a page then leads there."""
    return visitor(request, now=now).sees(Permission.AUDIT_VIEW, owner)


def nav_of(owner: User, request: SignedIn) -> str:
    """Which part of the portal a page about `owner`'s tokens belongs to."""
    return "tokens:mine" if owner.pk == request.user.pk else "tokens:people"


def require_root_policy(request: SignedIn, *, now: datetime) -> None:
    """Let in who edits the policy of the whole school: its services and scopes are theirs. Raises PermissionDenied."""
    if Account.objects.root().pk not in visitor(request, now=now).standing.accounts_with(Permission.POLICY_EDIT):
        raise PermissionDenied


def offered_scopes(
    request: SignedIn, decision: Decision, *, held: Iterable[str] = (), now: datetime
) -> list[tuple[str, str]]:
    """The scopes that a form offers: what the visitor may choose, and what the token holds already."""
    choices = scopes.offered(decision, visitor(request, now=now).standing)
    missing = [name for name in held if name not in dict(choices)]
    return [*choices, *((name, scopes.words_of(missing)[name]) for name in missing)]


def get_token(request: SignedIn, token_id: int, *, now: datetime) -> AccessToken:
    """A token to look at. Raises Http404."""
    return permissions.get_token(request.user, _owner_of(token_id), str(token_id), now=now)


def get_token_to(permission: Permission, request: SignedIn, token_id: int, *, now: datetime) -> AccessToken:
    """A token to change or end. Raises Http404 or PermissionDenied."""
    return permissions.get_token_to_act_on(request.user, _owner_of(token_id), str(token_id), permission, now=now)


def _owner_of(token_id: int) -> User | None:
    return User.objects.filter(tokens__pk=token_id).first()
