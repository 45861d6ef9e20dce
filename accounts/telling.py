"""How the audit trail is told to people: what its lines are about, what the facts they keep are called and mean.

Accounts know no tokens and no settings: every room says what its own lines mean. What nobody has a name for is not
shown.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Manager
from django.template.defaultfilters import date as written_date
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.audit import AuditEvent

Text = str | Promise
Say = Callable[[Any], str]
# Given the ids of things, their names; those that are gone have none.
Names = Callable[[Collection[int]], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Fact:
    """What a line keeps under one name. `words` gets all its values on a page at once and says how each is told."""

    label: Text
    words: Callable[[Collection[Any]], Say]
    nothing: Text = "—"


@dataclass(frozen=True, slots=True)
class Kind:
    """What the lines of one kind are about: in the plural, with the facts by their names in the trail."""

    label: Text
    facts: Mapping[str, Fact]
    names: Names | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A fact before and after, in words; empty where there was none to keep."""

    label: Text
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """A line in words. `subject` is the name of the thing that it is about, where that has one."""

    event: AuditEvent
    subject: str
    changes: list[Change]

    @property
    def names(self) -> dict[int | None, str]:
        """The subject by its id."""
        return {self.event.subject_id: self.subject}


_kinds: dict[str, Kind] = {}


def explain(kind: str, meaning: Kind) -> None:
    """Say what the lines of a kind mean."""
    _kinds[kind] = meaning


def kinds() -> Mapping[str, Kind]:
    """The kinds that somebody has explained."""
    return _kinds


def tell(events: Collection[AuditEvent]) -> list[Told]:
    """Put the lines of one page into words; the number of queries depends on what they are about, not on how many."""
    by_kind = {kind: [event for event in events if event.kind == kind] for kind in {event.kind for event in events}}
    told = [each for kind, some in by_kind.items() for each in _tell(some, _kinds.get(kind, _UNKNOWN))]
    places = {event.pk: place for place, event in enumerate(events)}
    return sorted(told, key=lambda each: places[each.event.pk])


_UNKNOWN = Kind("", {})


def _tell(events: list[AuditEvent], kind: Kind) -> list[Told]:
    says = {name: fact.words(_values(events, name)) for name, fact in kind.facts.items()}
    ids = {event.subject_id for event in events if event.subject_id is not None}
    names = kind.names(ids) if kind.names else {}
    return [Told(event, names.get(event.subject_id or 0, ""), _changes(event, kind, says)) for event in events]


def _values(events: Iterable[AuditEvent], name: str) -> list[Any]:
    found = (kept.get(name) for event in events for kept in (event.before, event.after))
    return [value for value in found if value is not None]


def _changes(event: AuditEvent, kind: Kind, says: Mapping[str, Say]) -> list[Change]:
    def word(kept: Mapping[str, Any], name: str) -> str:
        if name not in kept:
            return ""
        value = kept[name]
        return str(kind.facts[name].nothing) if value in (None, "") else says[name](value)

    names = [name for name in kind.facts if name in event.before or name in event.after]
    return [Change(kind.facts[name].label, word(event.before, name), word(event.after, name)) for name in names]


def as_it_is(_values: Collection[Any]) -> Say:
    """Words of somebody's own."""
    return str


def moments(_values: Collection[Any]) -> Say:
    """Times, in the zone of whoever looks."""

    def say(value: str) -> str:
        read = parse_datetime(value)
        return written_date(localtime(read), "j M Y, H:i") if read else value

    return say


def flags(_values: Collection[Any]) -> Say:
    """Yes and no."""
    return lambda value: _("yes") if value else _("no")


def choices(words: Mapping[str, Text]) -> Callable[[Collection[Any]], Say]:
    """One of a few values, each with its words."""
    return lambda _values: lambda value: str(words.get(value, value))


def names_of(things: Manager[Any], column: str) -> Names:
    """What things of one table are called."""
    return lambda ids: dict(things.filter(pk__in=ids).values_list("pk", column))


def named(find: Names) -> Callable[[Collection[Any]], Say]:
    """Ids of things that have names."""

    def words(values: Collection[Any]) -> Say:
        names = find(set(values)) if values else {}
        return lambda value: names.get(value, f"#{value}")

    return words
