"""What all pages for signed-in people have in common, and who it is that looks at one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Account, User
from accounts.parameters import number_in
from accounts.people import Membership, membership
from accounts.roles import Permission
from accounts.tree import is_within

View = Callable[..., HttpResponseBase]
_VISITOR, _ASKED = "_visitor", "_asked_account"


class SignedIn(HttpRequest):
    """A request after `page`: somebody is signed in."""

    user: User


def page(*methods: str) -> Callable[[View], Any]:
    """Make a view a page: by these methods, after sign-in, and kept by no cache, history or proxy."""

    def wrap(view: View) -> Any:
        return never_cache(login_required(require_http_methods(methods)(view)))

    return wrap


to_read = page("GET", "HEAD")
to_fill_in = page("GET", "HEAD", "POST")
to_do = page("POST")


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, also if that is nothing at all; None where it is only asked for."""
    return request.POST if request.method == "POST" else None


def visitor(request: HttpRequest, *, now: datetime) -> Membership:
    """What the person at the screen amounts to; worked out once a request, for the page and its navigation."""
    memo = vars(request)
    if _VISITOR not in memo:
        memo[_VISITOR] = membership(request.user, now=now)  # type: ignore[arg-type]  # only asked after sign-in
    found: Membership = memo[_VISITOR]
    return found


def remember_visitor(request: HttpRequest, found: Membership) -> None:
    """Spare the page a second look, where it had to work the membership out with others."""
    vars(request)[_VISITOR] = found


def chosen_accounts(request: HttpRequest, permission: Permission, *, now: datetime) -> frozenset[int]:
    """The accounts whose subtrees a page of administration is about.

    All in which the visitor holds `permission`, or the one below them that `?account=` names. Raises PermissionDenied
    for who holds it nowhere, Http404 for an account out of reach, as for none.
    """
    held = visitor(request, now=now).standing.accounts_with(permission)
    if not held:
        raise PermissionDenied
    if not request.GET.get("account"):
        return held
    account = asked_account(request)
    if account is None or not is_within(account.path, held):
        raise Http404
    return frozenset({account.pk})


def asked_account(request: HttpRequest) -> Account | None:
    """The account that `?account=` names, whoever may see it; looked up once a request."""
    memo = vars(request)
    if _ASKED not in memo:
        number = number_in(request.GET.get("account", ""))
        memo[_ASKED] = None if number is None else Account.objects.filter(pk=number).first()
    found: Account | None = memo[_ASKED]
    return found
