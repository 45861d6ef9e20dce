"""A person's tokens as a list: what is shown of each, and the filters above it. Only one page of them is read."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import overload

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.people import memberships
from policies.foreseeing import NOTHING_WAITS, Coming, Prospect
from tokens.models import OPEN, AccessToken, AccessTokenQuerySet, State, ended_at, expiring_at, in_use_at
from tokens.scopes import words_of
from tokens.stops import is_stopped
from tokens.usage.reading import accepted_by_day
from tokens.views.ahead import Ahead, ahead_of

A_PAGE = 50  # tokens
MOST_OFFERS = 3  # tokens that wait for their owner and are offered above the list, which holds them all
TONES = {State.PENDING: "info", State.ACTIVE: "ok", State.SUSPENDED: "warn", State.REVOKED: "bad", State.EXPIRED: ""}


@dataclass(frozen=True, slots=True)
class Row:
    """A token at one moment, as lists and its own page show it."""

    token: AccessToken
    state: State
    is_soon: bool
    life: int | None  # per cent of its life that is left
    coming: Coming | None = None  # the earlier end that a change of settings brings, which waits
    uses: tuple[int, ...] = ()  # accepted requests a day, the last of them today
    may: tuple[str, ...] = ()  # its scopes in words
    is_paused: bool = False  # its owner's are, by an emergency stop

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
        if self._is_stopped:
            return _("Paused")
        return _("Expiring soon") if self._warns else self.state.label

    @property
    def tone(self) -> str:
        """The state as a colour, beside its words."""
        if self._is_stopped:
            return "bad"
        return "warn" if self._warns else TONES[self.state]

    @property
    def _is_stopped(self) -> bool:
        return self.is_paused and self.state == State.ACTIVE

    @property
    def _warns(self) -> bool:
        return self.is_soon and self.state == State.ACTIVE


def row_of(token: AccessToken, now: datetime, prospect: Prospect = NOTHING_WAITS) -> Row:
    """Look at a token at one moment; `prospect` is what waits for its owner."""
    state = token.state_at(now)
    coming = prospect.of(token.pk, token.expires_at) if state in OPEN else None
    return Row(token, state, token.expires_soon(now), _life_left(token, now), coming)


def paused_owners(tokens: Collection[AccessToken], now: datetime) -> set[int]:
    """The owners of tokens, read `with_stops`, whom an emergency stop hits; nothing is asked while there is none."""
    stops = next((token.stops_known for token in tokens), [])
    if not stops:
        return set()
    owners = memberships({token.user_id for token in tokens}, now=now)
    return {pk for pk, owner in owners.items() if is_stopped(stops, owner.standing, owner.home)}


def _life_left(token: AccessToken, now: datetime) -> int | None:
    if token.expires_at is None:
        return None
    whole, left = token.expires_at - token.secret_made_at, token.expires_at - now
    return max(0, min(100, round(100 * left / whole))) if whole else 0


@dataclass(frozen=True, slots=True)
class Filter:
    """One of the tabs above a list: the tokens it shows, for the database."""

    label: str | Promise
    condition: Callable[[datetime], Q]


FILTERS = {
    "in_use": Filter(_("In use"), in_use_at),
    "expiring": Filter(_("Expiring soon"), expiring_at),
    "ended": Filter(_("Expired or revoked"), ended_at),
    "all": Filter(_("All"), lambda _now: Q(pk__isnull=False)),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One filter with the number of tokens it would show."""

    name: str
    label: str | Promise
    count: int
    is_here: bool


class Rows(Sequence[Row]):
    """Tokens of which only the part that is asked for is read, with its uses and the words of its scopes."""

    def __init__(self, tokens: AccessTokenQuerySet, count: int, now: datetime, prospect: Prospect) -> None:
        """Take the tokens of one person, in their order, how many they are, and what waits for that person."""
        self._tokens, self._count, self._now, self._prospect = tokens, count, now, prospect

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    @overload
    def __getitem__(self, part: int) -> Row: ...
    @overload
    def __getitem__(self, part: slice) -> list[Row]: ...
    def __getitem__(self, part: int | slice) -> Row | list[Row]:
        """Read a part, in three queries."""
        if isinstance(part, int):
            return self[part : part + 1][0]
        tokens = list(self._tokens.with_stops()[part])
        paused = paused_owners(tokens, self._now)
        rows = [
            replace(row_of(token, self._now, self._prospect), is_paused=token.user_id in paused) for token in tokens
        ]
        uses = accepted_by_day([row.token.pk for row in rows], now=self._now)
        words = words_of(name for row in rows for name in row.token.scopes)
        return [
            replace(row, uses=tuple(uses[row.token.pk]), may=tuple(words[name] for name in row.token.scopes))
            for row in rows
        ]


class Listing:
    """One person's tokens under the filters of a query: `state`, `q`, `page`. Four queries, however many tokens.

    `also` are further conditions that are counted on the way, by name.
    """

    def __init__(
        self,
        owner: User,
        query: QueryDict,
        *,
        now: datetime,
        usual: str = "in_use",
        also: Mapping[str, Q] | None = None,
        prospect: Prospect = NOTHING_WAITS,
    ) -> None:
        """Read the query; the database is asked when something is shown."""
        self._tokens = AccessToken.objects.filter(user=owner).defer("verifier", "tag")
        self._also = also or {}
        self._prospect = prospect
        self.now = now
        wanted = query.get("state", usual)
        self.state = wanted if wanted in FILTERS else usual
        self.q = query.get("q", "").strip().replace("\0", "")
        self._page_number = query.get("page")

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many tokens each filter has, how many were found, and what else is to be counted, in one query."""
        conditions = {name: each.condition(self.now) for name, each in FILTERS.items()}
        conditions |= {"found": self._found, "waiting": self._waiting, **self._also}
        counted: dict[str, int] = self._tokens.aggregate(
            **{name: Count("pk", filter=condition) for name, condition in conditions.items()}
        )
        return counted

    @cached_property
    def page(self) -> Page[Row]:
        """What is shown."""
        tokens = self._tokens.filter(self._found).select_related("revoked_by", "class_item")
        tokens = tokens.order_by("-created_at", "-pk")
        return Paginator(Rows(tokens, self.counts["found"], self.now, self._prospect), A_PAGE).get_page(
            self._page_number
        )

    @property
    def page_numbers(self) -> Iterator[str | int]:
        """The pages that can be gone to from this one."""
        return self.page.paginator.get_elided_page_range(self.page.number)

    @property
    def tabs(self) -> list[Tab]:
        """The filters."""
        return [Tab(name, each.label, self.counts[name], name == self.state) for name, each in FILTERS.items()]

    @property
    def is_narrowed(self) -> bool:
        """Whether a search hides some of what the filter would show."""
        return bool(self.q)

    @property
    def of_filter(self) -> int:
        """How many tokens there would be without the search."""
        return self.counts[self.state]

    @property
    def in_use(self) -> int:
        """How many tokens a "revoke all" would end."""
        return self.counts["in_use"]

    @property
    def total(self) -> int:
        """How many tokens the person has ever had."""
        return self.counts["all"]

    @cached_property
    def offers(self) -> list[AccessToken]:
        """The newest of those that wait for their owner."""
        if not self.counts["waiting"]:
            return []
        waiting = self._tokens.filter(self._waiting).select_related("creator", "class_item__issue__course")
        return list(waiting.order_by("-created_at", "-pk")[:MOST_OFFERS])

    @property
    def further_offers(self) -> int:
        """How many more wait."""
        return self.counts["waiting"] - len(self.offers)

    @cached_property
    def ahead(self) -> list[Ahead]:
        """What the changes of settings that wait bring, day by day; one query more where any does."""
        if not self._prospect.foreseen:
            return []
        return ahead_of(self._prospect, self._tokens.in_use(now=self.now).values_list("pk", "expires_at"))

    @property
    def _waiting(self) -> Q:
        return Q(state=State.PENDING) & in_use_at(self.now)

    @property
    def _found(self) -> Q:
        return FILTERS[self.state].condition(self.now) & _holding(self.q)


def _holding(term: str) -> Q:
    """By purpose, or by the beginning of the hint, with or without the prefix of our tokens."""
    found = Q(purpose__icontains=term)
    hint = term.rstrip("….").rpartition("_")[2]
    return found | Q(lookup_id__startswith=hint) if hint else found
