"""All tokens, for administrators: who holds them, what for, whether they are used; and how many of them end at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.audit import record
from accounts.models import Account
from accounts.pages import SignedIn, chosen_accounts, to_read, visitor
from accounts.people import memberships
from accounts.roles import Base, Grant, Permission
from policies.foreseeing import foresee
from tokens.inventory import export as exporting
from tokens.inventory.asked import Asked
from tokens.inventory.fields import FIELDS
from tokens.inventory.figures import WEEKS, Figures, Total, estimate_of
from tokens.inventory.filters import FOLDED, USUAL
from tokens.inventory.keeping import figures_below
from tokens.inventory.ordering import Order
from tokens.inventory.reach import tokens_below
from tokens.inventory.saved import MOST_SHOWN, seen_by
from tokens.models import AccessToken, AccessTokenQuerySet, BulkKind
from tokens.permissions import owners_to_end_for
from tokens.usage.reading import accepted_by_day, requests_below
from tokens.views.listing import Row, paused_owners, row_of

# What can be done to many tokens, with the picture of each.
ACTS = (
    (BulkKind.SUSPEND, "circle-pause"),
    (BulkKind.RESUME, "circle-play"),
    (BulkKind.SHORTEN, "calendar-clock"),
    (BulkKind.MAIL, "mail"),
)
# The figures above the list and the views of it that are kept by name: each is an address of its own.
FIGURES: dict[str, Mapping[str, str]] = {
    "in_use": {},
    "ending_soon": {"ends": "14"},
    "idle": {"use": "idle"},
    "never_end": {"ends": "never"},
}
VIEWS: dict[str | Promise, Mapping[str, str]] = {
    _("All in use"): {},
    _("Tokens of students"): {"role": "students_only"},
    _("Ends this week"): {"ends": "7"},
    _("Unused for 30 days"): {"use": "idle"},
    _("Never ends"): {"ends": "never"},
    _("Never used"): {"use": "never"},
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which the list can be taken away."""

    ending: str
    content_type: str
    lines: Callable[..., Iterator[str]]


FORMS = {
    "csv": Form("csv", "text/csv; charset=utf-8", exporting.lines),
    "jsonl": Form("jsonl", "application/jsonl; charset=utf-8", exporting.json_lines),
}


@dataclass(frozen=True, slots=True)
class Held:
    """A token of the list with its owner's chief role, and whether the visitor may end it."""

    row: Row
    chief: Grant | None
    may_end: bool


@dataclass(frozen=True, slots=True)
class Place:
    """An address of the list under some filters."""

    href: str
    is_here: bool


class Inventory:
    """What one address of the inventory is about: the accounts, what is asked, the order."""

    def __init__(self, request: SignedIn, now: datetime) -> None:
        """Read the address. Raises PermissionDenied or Http404, as `chosen_accounts` does."""
        self.now = now
        self.request = request
        self.accounts = chosen_accounts(request, Permission.TOKENS_VIEW, now=now)
        self.asked = Asked.by(request.GET)
        self.order = Order.by(request.GET)
        self.account = request.GET.get("account", "")
        self.tokens = tokens_below(self.accounts, visitor(request, now=now), now=now)

    @cached_property
    def found(self) -> AccessTokenQuerySet:
        """What the filters leave; the people whom they name are looked up once."""
        return self.asked.narrow(self.tokens, now=self.now)

    @property
    def query(self) -> str:
        """The filters as a query, for the addresses that go on from here."""
        return self.query_of(self.asked.parameters)

    def query_of(self, parameters: Mapping[str, str]) -> str:
        """Other filters as a query, about the same account."""
        return urlencode({**({"account": self.account} if self.account else {}), **parameters})

    def place(self, parameters: Mapping[str, str]) -> Place:
        """The list under other filters."""
        is_here = self.asked.parameters == parameters
        return Place(f"{reverse('tokens:inventory')}?{self.query_of(parameters)}", is_here)

    def held(self, tokens: list[AccessToken]) -> list[Held]:
        """The rows of a page, in three queries where no change of settings waits."""
        uses = accepted_by_day([token.pk for token in tokens], now=self.now)
        owners = memberships({token.user_id for token in tokens}, now=self.now)
        prospects = foresee(owners, now=self.now)
        paused = paused_owners(tokens, self.now)
        theirs = owners_to_end_for(self.request.user, visitor(self.request, now=self.now), owners)
        return [
            Held(
                replace(
                    row_of(token, self.now, prospects[token.user_id]),
                    uses=tuple(uses[token.pk]),
                    is_paused=token.user_id in paused,
                ),
                owners[token.user_id].standing.chief,
                token.user_id in theirs,
            )
            for token in tokens
        ]


@to_read
def inventory(request: SignedIn) -> HttpResponse:
    """List the tokens of the people over whom the visitor holds `tokens.view`."""
    now = timezone.now()
    here = Inventory(request, now)
    if not here.asked.holds_all_of(request.GET):  # a pasted token, say: its secret leaves the address too
        return HttpResponseRedirect(here.place(here.asked.parameters).href)
    figures = figures_below(here.accounts, here.tokens, now=now)
    tokens, onward = here.order.page(here.found, request.GET.get("after", ""))
    context = {
        "now": now,
        "here": here,
        "filters": [(each, here.asked.chosen[each.name]) for each in USUAL],
        **_more_of(here.asked),
        "chips": [(chip, here.place(chip.without).href) for chip in here.asked.chips],
        "figures": figures,
        "flags": f"{reverse('tokens:flags')}{f'?account={here.account}' if here.account else ''}",
        "places": {name: here.place(parameters) for name, parameters in FIGURES.items()},
        "views": [(label, here.place(parameters)) for label, parameters in VIEWS.items()],
        "saved": seen_by(request.user, here.accounts)[:MOST_SHOWN],
        **_charts(here, figures),
        "total": _total(here, figures, len(tokens), is_all=not onward and not request.GET.get("after")),
        "in_use": Total(figures.in_use),  # spares the navigation the count
        "rows": here.held(tokens),
        "next": onward,
        "is_empty": not tokens and not here.asked.parameters and not here.tokens.exists(),
        "may_revoke": Permission.TOKENS_DELETE in visitor(request, now=now).standing.permissions,
        "kinds": ACTS,
        "all_kinds": list(BulkKind),
    }
    return render(request, "tokens/inventory.html", context)


def _total(here: Inventory, figures: Figures, shown: int, *, is_all: bool) -> Total:
    """How many match, counted only where nothing else has said that."""
    if is_all:
        return Total(shown)
    return Total(figures.in_use, most=figures.in_use) if not here.asked.parameters else estimate_of(here.found)


def _more_of(asked: Asked) -> dict[str, object]:
    """The filters that stay folded until one of them is in force, and what is wrong with them."""
    problems = asked.problems
    return {
        "more": [(each, asked.chosen[each.name]) for each in FOLDED],
        "fields": [(each, asked.typed.get(each.name, ""), problems.get(each.name, "")) for each in FIELDS],
        "problems": [(each.label, problems[each.name]) for each in FIELDS if each.name in problems],
    }


def _charts(here: Inventory, figures: Figures) -> dict[str, object]:
    """What is drawn: the roles as shares, the weeks with their first and last day, the days with their sums."""
    by_base = [(base, figures.by_base[base]) for base in (*Base, None) if figures.by_base.get(base)]
    days = requests_below(here.accounts, now=here.now)
    edges = [timezone.localdate(here.now + timedelta(days=7 * n)) for n in range(WEEKS + 1)]
    return {
        "roles": [(base, count, round(100 * count / figures.in_use)) for base, count in by_base],
        "shares": [(base or "none", count) for base, count in by_base],
        "weeks": list(zip(edges, edges[1:], figures.weeks, strict=False)),
        "ending": sum(figures.weeks),
        "requests": days,
        "sum": sum(day.total for day in days),
        "refused": sum(day.refused for day in days),
    }


@to_read
def export(request: SignedIn) -> HttpResponseBase:
    """Send the tokens that the filters leave as a file, in the order of the list; the audit trail says who took it."""
    now = timezone.now()
    here = Inventory(request, now)
    found = here.order.sorted(here.found)
    taken = {"count": found.count(), "filters": here.asked.parameters}
    account = Account.objects.filter(pk__in=here.accounts).order_by("pk").first()
    record("token.export", actor=request.user, now=now, account=account, after=taken)
    form = FORMS.get(request.GET.get("format", ""), FORMS["csv"])
    name = f"tokens-{timezone.localdate(now):%Y-%m-%d}.{form.ending}"
    return StreamingHttpResponse(
        form.lines(found, request.user, now=now),
        content_type=form.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
