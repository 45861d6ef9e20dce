"""The orders of the inventory, and its pages, each found by the place where the one before it ended."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from tokens.models import FOREVER, LONG_AGO, AccessToken, AccessTokenQuerySet

A_PAGE = 25  # tokens
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:  # the 31st of February
        return None


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class Key:
    """One thing to sort by: what it is in the database, how a place is read, which end comes first at first."""

    value: Any
    read: Callable[[str], datetime | int | None]
    descending: bool


# A value that is missing stands for one that sorts: what never ends comes last, what was never used came first.
KEYS: dict[str, Key] = {
    "created": Key(F("created_at"), _moment, descending=True),
    "ends": Key(Coalesce("expires_at", FOREVER), _moment, descending=False),
    "used": Key(Coalesce("last_used_at", LONG_AGO), _moment, descending=True),
    "requests": Key(F("use_count"), _number, descending=True),
}


@dataclass(frozen=True, slots=True)
class Head:
    """A heading to sort by: where it leads, and how the list is sorted by it now."""

    sort: str
    aria_sort: str  # empty where the list is sorted by something else


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the list. Tokens that are equal in it stand by their ids, so that no two pages share one."""

    name: str
    descending: bool

    @classmethod
    def by(cls, query: Mapping[str, str]) -> "Order":
        """Read `sort`: a name, with a minus for the other way round. What nobody offers means the newest first."""
        sort = query.get("sort", "")
        name = sort.removeprefix("-")
        return cls(name, sort.startswith("-")) if name in KEYS else cls("created", descending=True)

    @property
    def heads(self) -> dict[str, Head]:
        """Every heading. The one in force leads to its opposite."""
        return {name: self._head(name, key) for name, key in KEYS.items()}

    def _head(self, name: str, key: Key) -> Head:
        is_here = name == self.name
        descending = not self.descending if is_here else key.descending
        now = "descending" if self.descending else "ascending"
        return Head(f"{'-' if descending else ''}{name}", now if is_here else "")

    def sorted(self, tokens: AccessTokenQuerySet) -> AccessTokenQuerySet:
        """All tokens in this order, each with its place in it."""
        minus = "-" if self.descending else ""
        return tokens.annotate(place=KEYS[self.name].value).order_by(f"{minus}place", f"{minus}pk")

    def knows(self, after: str) -> bool:
        """Whether a page in this order may have ended at such a place."""
        return not after or self._read(after) is not None

    def page(self, tokens: AccessTokenQuerySet, after: str, size: int = A_PAGE) -> tuple[list[AccessToken], str]:
        """The tokens after a place with their owners, and the place where they end; empty on the last page.

        A place that no page has named means the beginning. Sought are ids alone: whole rows take long to sort.
        """
        place, ordered = self._read(after), self.sorted(tokens)
        ids = (ordered.filter(self._beyond(*place)) if place else ordered).values("pk")[: size + 1]
        found = list(self.sorted(AccessToken.objects.filter(pk__in=ids).with_stops()).select_related("user", "creator"))
        return found[:size], place_of(found[size - 1]) if len(found) > size else ""

    def _beyond(self, value: datetime | int, pk: int) -> Q:
        way = "lt" if self.descending else "gt"
        beyond = Q(**{f"place__{way}": value}) | Q(place=value, **{f"pk__{way}": pk})
        return beyond & Q(**{f"place__{way}e": value})  # the second condition is for the index

    def _read(self, after: str) -> tuple[datetime | int, int] | None:
        text, _, number = after.partition("_")
        value, pk = KEYS[self.name].read(text), _number(number)
        return None if value is None or pk is None else (value, pk)


def place_of(token: AccessToken) -> str:
    """Where a token of `Order.sorted` stands, as addresses name it."""
    value = token.place  # type: ignore[attr-defined]  # annotated by `Order.page`
    return f"{value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value}_{token.pk}"
