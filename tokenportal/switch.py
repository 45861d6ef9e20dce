"""Which account the pages of administration are about, and the menu that chooses another. The address is the truth."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, OpenState
from accounts.pages import asked_account
from accounts.roles import Permission, Standing
from accounts.tree import is_within

MOST = 200  # accounts in the menu
DEEPEST = 6  # steps to the right in it
INVENTORY, REQUESTS, SETTINGS = "tokens:inventory", "tokens:requests", "policies:settings"
_PLACES = ("after", "before", "page")  # where one was in the list of another account


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the administration: its page, the right it takes, its icon and name, and the addresses it covers."""

    name: str
    permission: Permission
    icon: str
    label: str | Promise
    prefixes: tuple[str, ...]


PARTS = (
    Part(INVENTORY, Permission.TOKENS_VIEW, "key-round", _("All tokens"), ("/inventory/",)),
    Part("tokens:people", Permission.USERS_VIEW, "users", _("People"), ("/people/",)),
    Part(REQUESTS, Permission.TOKENS_CREATE, "inbox", _("Requests"), ("/requests/",)),
    Part("tokens:flags", Permission.TOKENS_VIEW, "shield-alert", _("Unusual use"), ("/flags/",)),
    Part("audit_log", Permission.AUDIT_VIEW, "history", _("Audit log"), ("/audit/", "/outbox/")),
    Part("tokens:exemptions", Permission.POLICY_EDIT, "timer", _("Exemptions"), ("/exemptions/",)),
    Part(SETTINGS, Permission.POLICY_EDIT, "settings", _("Account settings"), ("/settings/", "/accounts/")),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the menu; `depth` is its distance from where the visitor's rights begin."""

    name: str
    depth: int
    href: str
    is_here: bool
    number: int


class Switch:
    """What a visitor can choose from, seen from one page. At most two queries."""

    def __init__(self, request: HttpRequest, standing: Standing) -> None:
        """Remember who looks at which page."""
        self._request = request
        self._standing = standing
        self.parts = [part for part in PARTS if part.permission in standing.permissions]

    def href_of(self, part: Part) -> str:
        """Where a part's entry in the navigation leads: the choice is kept where the right is held there too."""
        chosen = self.chosen
        is_kept = chosen is not None and is_within(chosen.path, self._standing.accounts_with(part.permission))
        return _address(part, chosen if is_kept else None)

    @cached_property
    def chosen(self) -> Account | None:
        """The account that this page is about; None where it is about all that the visitor administers."""
        account = self._account
        return account if account is not None and {account.pk} != self._held else None

    @property
    def is_offered(self) -> bool:
        """Whether there is anything to choose."""
        return len(self._accounts) > 1

    @property
    def has_more(self) -> bool:
        """Whether there are more accounts than the menu shows."""
        return len(self._accounts) > MOST

    @property
    def most(self) -> int:
        """How many accounts the menu shows."""
        return MOST

    @property
    def whole(self) -> Account | None:
        """The one account that holds all the others, if one does."""
        return self._accounts[0] if len(self._held) == 1 else None

    @property
    def href_of_all(self) -> str:
        """The page about all accounts at once; empty where a page is always about one."""
        return "" if self._is_settings else self._href(None)

    @property
    def choices(self) -> list[Choice]:
        """The uppermost MOST accounts as a tree, without the one that `href_of_all` stands for."""
        shown = [account for account in self._accounts[:MOST] if self._is_settings or account != self.whole]
        shown.sort(key=self._line)
        return [self._choice(account) for account in shown]

    @cached_property
    def _here(self) -> Part | None:
        """The part whose own page this is."""
        match = self._request.resolver_match
        return next((part for part in self.parts if match and part.name == match.view_name), None)

    @cached_property
    def _target(self) -> Part | None:
        """The part to which a choice leads: this one, else the first."""
        return self._here or next(iter(self.parts), None)

    @property
    def _is_settings(self) -> bool:
        return self._target is not None and self._target.name == SETTINGS

    @cached_property
    def _held(self) -> Collection[int]:
        return self._standing.accounts_with(self._target.permission) if self._target else frozenset()

    @cached_property
    def _account(self) -> Account | None:
        """The account that the address names, where the page listens to that and the visitor reaches it."""
        if self._here is None:
            return None
        account = self._of_settings() if self._is_settings else asked_account(self._request)
        return account if account is not None and is_within(account.path, self._held) else None

    def _of_settings(self) -> Account | None:
        match = self._request.resolver_match
        return Account.objects.filter(pk=match.kwargs["account_id"]).first() if match else None

    @cached_property
    def _accounts(self) -> list[Account]:
        """The accounts in which the right is held and those below, the uppermost first, and one more than is shown."""
        if not self._held:
            return []
        reached = Account.objects.filter(path__overlap=list(self._held)).exclude(state=OpenState.DELETED)
        return list(reached.order_by("path__len", "name", "pk")[: MOST + 1])

    def _choice(self, account: Account) -> Choice:
        depth = len(self._line(account)) - (1 if self._is_settings or self.whole is None else 2)
        is_here = account == self._account
        return Choice(account.name, min(depth, DEEPEST), self._href(account), is_here, account.pk)

    def _line(self, account: Account) -> list[tuple[str, int]]:
        """The names from where the visitor's rights begin down to the account: in their order they make the tree."""
        first = next(place for place, pk in enumerate(account.path) if pk in self._held)
        return [(self._names.get(pk, ""), pk) for pk in account.path[first:]]

    @cached_property
    def _names(self) -> dict[int, str]:
        return {account.pk: account.name for account in self._accounts}

    def _href(self, account: Account | None) -> str:
        """This page about another account with its filters as they are; from any other page, the first part."""
        if self._target is None:
            return ""
        if self._here is None or self._is_settings:
            return _address(self._target, account)
        kept = self._request.GET.copy()
        for name in ("account", *_PLACES):
            kept.pop(name, None)
        return self._request.path + _query(kept, account)


def _address(part: Part, account: Account | None) -> str:
    if part.name == SETTINGS:
        return reverse(SETTINGS, args=[account.pk]) if account else reverse("policies:entry")
    return reverse(part.name) + _query(QueryDict(mutable=True), account)


def _query(query: QueryDict, account: Account | None) -> str:
    if account is not None:
        query["account"] = str(account.pk)
    return f"?{query.urlencode()}" if query else ""
