"""A person's tokens as a list: what is shown of each, and the filters above it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tokens.models import ENDED, OPEN, AccessToken, State
from tokens.scopes import words_of
from tokens.usage.reading import accepted_by_day

A_PAGE = 50  # tokens
TONES = {State.PENDING: "info", State.ACTIVE: "ok", State.SUSPENDED: "warn", State.REVOKED: "bad", State.EXPIRED: ""}


@dataclass(frozen=True, slots=True)
class Row:
    """A token at one moment, as lists and its own page show it."""

    token: AccessToken
    state: State
    is_soon: bool
    life: int | None  # per cent of its life that is left
    uses: tuple[int, ...] = ()  # accepted requests a day, the last of them today
    may: tuple[str, ...] = ()  # its scopes in words

    @property
    def count(self) -> int:
        """The requests of those days."""
        return sum(self.uses)

    @property
    def is_open(self) -> bool:
        """Whether there is something to end."""
        return self.state in OPEN

    @property
    def label(self) -> str | Promise:
        """The state in words."""
        return _("Expiring soon") if self._warns else self.state.label

    @property
    def tone(self) -> str:
        """The state as a colour, beside its words."""
        return "warn" if self._warns else TONES[self.state]

    @property
    def _warns(self) -> bool:
        return self.is_soon and self.state == State.ACTIVE


def row_of(token: AccessToken, now: datetime) -> Row:
    """Look at a token at one moment."""
    return Row(token, token.state_at(now), token.expires_soon(now), _life_left(token, now))


def _filled_in(rows: list[Row], now: datetime) -> list[Row]:
    """The rows of one page with what they were used for and what they may do, in two queries."""
    uses = accepted_by_day([row.token.pk for row in rows], now=now)
    words = words_of(name for row in rows for name in row.token.scopes)
    return [
        replace(row, uses=tuple(uses[row.token.pk]), may=tuple(words[name] for name in row.token.scopes))
        for row in rows
    ]


def _life_left(token: AccessToken, now: datetime) -> int | None:
    if token.expires_at is None:
        return None
    whole, left = token.expires_at - token.secret_made_at, token.expires_at - now
    return max(0, min(100, round(100 * left / whole))) if whole else 0


FILTERS: dict[str, tuple[str | Promise, Callable[[Row], bool]]] = {
    "in_use": (_("In use"), lambda row: row.is_open),
    "expiring": (_("Expiring soon"), lambda row: row.is_open and row.is_soon),
    "ended": (_("Ended"), lambda row: row.state in ENDED),
    "all": (_("All"), lambda _row: True),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One filter with the number of tokens it would show."""

    name: str
    label: str | Promise
    count: int
    is_here: bool


class Listing:
    """One person's tokens under the filters of a query: `state`, `q`, `page`. Three queries at most."""

    def __init__(self, owner: User, query: QueryDict, *, now: datetime, usual: str = "in_use") -> None:
        """Read everything once; even a careless person's tokens are few."""
        tokens = AccessToken.objects.of(owner).select_related("revoked_by").order_by("-created_at", "-pk")
        self.rows = [row_of(token, now) for token in tokens.defer("verifier", "tag")]
        self.now = now
        wanted = query.get("state", usual)
        self.state = wanted if wanted in FILTERS else usual
        self.q = query.get("q", "").strip()
        self._page_number = query.get("page")

    @cached_property
    def page(self) -> Page[Row]:
        """What is shown; only here the uses and the words of scopes are read."""
        matches = FILTERS[self.state][1]
        found = [row for row in self.rows if matches(row) and _holds(row.token, self.q)]
        page = Paginator(found, A_PAGE).get_page(self._page_number)
        page.object_list = _filled_in(list(page), self.now)
        return page

    @property
    def tabs(self) -> list[Tab]:
        """The filters."""
        return [
            Tab(name, label, sum(map(matches, self.rows)), name == self.state)
            for name, (label, matches) in FILTERS.items()
        ]

    @property
    def in_use(self) -> list[Row]:
        """What a "revoke all" would end."""
        return [row for row in self.rows if row.is_open]

    @property
    def pending(self) -> list[Row]:
        """What waits for its owner."""
        return [row for row in self.rows if row.state == State.PENDING]


def _holds(token: AccessToken, term: str) -> bool:
    """By purpose, or by the beginning of the hint, with or without the prefix of our tokens."""
    hint = term.rstrip("….").rpartition("_")[2]
    return term.casefold() in token.purpose.casefold() or (hint != "" and token.lookup_id.startswith(hint))
