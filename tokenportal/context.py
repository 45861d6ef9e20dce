"""What the frame of every page shows: who you are, and where you may go. Nothing is asked of the database before."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.labels import role_name
from accounts.models import Account, User
from accounts.pages import visitor
from accounts.people import Membership
from accounts.roles import Permission
from accounts.views.theme import theme_of
from tokenportal.switch import INVENTORY, REQUESTS, Part, Switch
from tokens import journal
from tokens.classes import courses_taught
from tokens.emergency import Sign, signs_for
from tokens.inventory.figures import Total, total_of
from tokens.inventory.reach import tokens_below
from tokens.models.pause import stops_column
from tokens.permissions import requests_to_answer

try:
    VERSION = version("tokenportal")
except PackageNotFoundError:  # run from a checkout
    VERSION = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation; `is_here` marks the part of the portal that is open."""

    name: str
    href: str
    icon: str
    label: str
    is_here: bool
    count: "Count | WaitingCount | None" = None


class Count:
    """How many tokens an administrator is in charge of, counted when the navigation is drawn."""

    is_of_tokens = is_shown = True

    def __init__(self, known: Membership, now: datetime) -> None:
        """Remember who asks."""
        self._known = known
        self._now = now

    @property
    def total(self) -> Total:
        """Those that are in use."""
        accounts = self._known.standing.accounts_with(Permission.TOKENS_VIEW)
        return total_of(tokens_below(accounts, self._known, now=self._now).in_use(now=self._now))


class WaitingCount:
    """How many requests wait for an administrator's answer, counted when the navigation is drawn."""

    is_of_tokens = False

    def __init__(self, viewer: User, known: Membership, now: datetime) -> None:
        """Remember who asks."""
        self._viewer, self._known, self._now = viewer, known, now

    @cached_property
    def total(self) -> Total:
        """Those that nobody has answered yet."""
        return total_of(requests_to_answer(self._viewer, self._known, now=self._now).waiting())

    @property
    def is_shown(self) -> bool:
        """Whether there are any."""
        return self.total.number > 0


class Shell:
    """The frame, worked out when a template first asks: an error page that does not ask needs no database."""

    def __init__(self, request: HttpRequest, now: datetime) -> None:
        """Remember the request."""
        self._request = request
        self._now = now

    @cached_property
    def me(self) -> User | None:
        """Whoever is signed in."""
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def root(self) -> Account:
        """The account of the institution, and as every page asks for it: the pauses in force."""
        return Account.objects.annotate(stops=stops_column()).get(parent=None)

    @property
    def school(self) -> str:
        """The name of the institution."""
        return self.root.name

    @cached_property
    def membership(self) -> Membership:
        """What the visitor's roles amount to."""
        return visitor(self._request, now=self._now)

    @cached_property
    def roles(self) -> str:
        """The visitor's roles, each once."""
        labels = dict.fromkeys(grant.label for grant in self.membership.standing.grants)
        return _(", ").join(map(role_name, labels)) or _("No role yet")

    @cached_property
    def signs(self) -> list[Sign]:
        """The emergency stops that concern the visitor; nothing more is asked while there is none."""
        if self.me is None or not self.root.stops:  # type: ignore[attr-defined]  # annotated
            return []
        return signs_for(self.me, self.membership, now=self._now)

    @cached_property
    def is_quarantined(self) -> bool:
        """Whether a backup was restored and not brought up to date yet, for those whom it concerns: administrators."""
        return self.me is not None and bool(self.administration) and journal.is_quarantined()

    @cached_property
    def switch(self) -> Switch:
        """Which account the pages of administration are about."""
        return Switch(self._request, self.membership.standing)

    @cached_property
    def administration(self) -> list[Entry]:
        """What the visitor may administrate."""
        entries = [self._entry_of(part) for part in self.switch.parts]
        if Permission.TOKENS_VIEW in self.membership.standing.permissions:
            entries.insert(
                1, self._entry("tokens:lookup", "search", _("Whose token is this?"), ("/lookup/", "/leaks/"))
            )
        if self.membership.standing.accounts_with(Permission.TOKENS_DELETE):
            entries.append(self._entry("tokens:emergency", "circle-pause", _("Emergency stop"), ("/emergency/",)))
        if self.membership.standing.accounts_with(Permission.POLICY_EDIT):
            entries.append(self._entry("tokens:reviews", "list-checks", _("Access reviews"), ("/reviews/",)))
            entries.append(self._entry("tokens:webhooks", "webhook", _("Webhooks"), ("/webhooks/",)))
        if self.keeps_rules:
            entries.append(self._entry("tokens:roles", "id-card", _("Roles"), ("/roles/",)))
            entries.append(self._entry("rosters", "refresh-cw", _("Rosters"), ("/rosters/",)))
            entries.append(
                self._entry("tokens:verifiers", "server", _("Services"), ("/verifiers/", "/scopes/", "/keys/"))
            )
        return entries

    @cached_property
    def teaching(self) -> list[Entry]:
        """What whoever teaches a course has; their roles say so, and nothing more is asked."""
        if not courses_taught(self.membership.standing):
            return []
        return [self._entry("tokens:classes", "graduation-cap", _("Class tokens"), ("/classes/",))]

    @cached_property
    def keeps_rules(self) -> bool:
        """Whether the visitor edits the policy of the whole school."""
        return self.root.pk in self.membership.standing.accounts_with(Permission.POLICY_EDIT)

    @cached_property
    def own(self) -> list[Entry]:
        """What everybody has."""
        return [self._entry("tokens:mine", "shield-check", _("My access tokens"), ("/tokens/",)), *self.teaching]

    @cached_property
    def reads_mails(self) -> bool:
        """Whether the visitor reads the audit log of the whole school, and with it the outbox."""
        return self.root.pk in self.membership.standing.accounts_with(Permission.AUDIT_VIEW)

    def _entry_of(self, part: Part) -> Entry:
        is_here = self._request.path.startswith(part.prefixes)
        count: Count | WaitingCount | None = None
        if part.name == INVENTORY:
            count = Count(self.membership, self._now)
        elif part.name == REQUESTS and self.me is not None:
            count = WaitingCount(self.me, self.membership, self._now)
        return Entry(part.name, self.switch.href_of(part), part.icon, str(part.label), is_here, count)

    def _entry(self, name: str, icon: str, label: str, prefixes: tuple[str, ...]) -> Entry:
        return Entry(name, reverse(name), icon, label, self._request.path.startswith(prefixes))


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates the frame, the moment of this request, the theme, the version, and the way back from a switch."""
    now = timezone.now()
    return {
        "now": now,
        "shell": Shell(request, now),
        "theme": theme_of(request),
        "version": VERSION,
        "back": request.get_full_path(),
    }
