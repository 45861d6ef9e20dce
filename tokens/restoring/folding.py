"""What lines of the journal amount to: the last word on each token, person, service and pause. Pure.

A token has a new lookup id with each new secret, so that several of them name one token: which of them a restored
database knows depends on its age. What ends the token is therefore said of the first, and looked for by all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

# A number and since when it is there: after a restore the database gives the same numbers to others.
_Numbered = tuple[int, str]


class Person(NamedTuple):
    """Somebody, by all that may still name them in an older database, and since when they have been there."""

    id: int
    login: str
    sis: str | None
    since: datetime | None


@dataclass
class Endings:
    """What is to end. Tokens are named by the first of their lookup ids, which `names` lists all.

    `dead` are secrets by their own lookup id, with the moment until which they work; None: no longer.
    """

    revoked: set[str] = field(default_factory=set)
    suspended: set[str] = field(default_factory=set)
    ends: dict[str, datetime | None] = field(default_factory=dict)
    dead: dict[str, datetime | None] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    people: dict[_Numbered, Person] = field(default_factory=dict)
    verifiers: set[str] = field(default_factory=set)
    calendars: set[str] = field(default_factory=set)
    pauses: dict[_Numbered, Mapping[str, Any]] = field(default_factory=dict)
    lines: int = 0

    def names_of(self, token: str) -> list[str]:
        """Every lookup id that a token has had, as far as the lines say."""
        return self.names.get(token, [token])


def fold(lines: Iterable[Mapping[str, Any]]) -> Endings:
    """Read lines in their order. Lines of a kind that is not known here are left: a later version wrote them."""
    found, first = Endings(), dict[str, str]()
    for line in lines:
        found.lines += 1
        act = _ACTS.get(str(line["what"]))
        if act is not None:
            act(found, first, str(line.get("lookup_id", "")), line.get("facts", {}))
    return found


_First = dict[str, str]  # of the lookup ids of a token that has had several, the first by each of the later ones
_Facts = Mapping[str, Any]


def _revoked(found: Endings, first: _First, lookup_id: str, _facts: _Facts) -> None:
    found.revoked.add(first.get(lookup_id, lookup_id))


def _suspended(found: Endings, first: _First, lookup_id: str, _facts: _Facts) -> None:
    found.suspended.add(first.get(lookup_id, lookup_id))


def _resumed(found: Endings, first: _First, lookup_id: str, _facts: _Facts) -> None:
    found.suspended.discard(first.get(lookup_id, lookup_id))


def _ends(found: Endings, first: _First, lookup_id: str, facts: _Facts) -> None:
    found.ends[first.get(lookup_id, lookup_id)] = _moment(facts.get("until"))


def _replaced(found: Endings, first: _First, lookup_id: str, facts: _Facts) -> None:
    token, later = first.get(lookup_id, lookup_id), str(facts["by"])
    first[later] = token
    found.names.setdefault(token, [token]).append(later)
    found.dead[lookup_id] = _moment(facts.get("until"))


def _cut(found: Endings, _first: _First, lookup_id: str, facts: _Facts) -> None:
    found.dead[lookup_id] = _moment(facts.get("until"))


def _disabled(found: Endings, _first: _First, _lookup_id: str, facts: _Facts) -> None:
    found.people[_numbered(facts, "person")] = Person(
        int(facts["person"]), str(facts["login"]), facts.get("sis"), _moment(facts.get("since"))
    )


def _enabled(found: Endings, _first: _First, _lookup_id: str, facts: _Facts) -> None:
    found.people.pop(_numbered(facts, "person"), None)


def _verifier(found: Endings, _first: _First, lookup_id: str, _facts: _Facts) -> None:
    found.verifiers.add(lookup_id)


def _calendar(found: Endings, _first: _First, lookup_id: str, _facts: _Facts) -> None:
    found.calendars.add(lookup_id)


def _paused(found: Endings, _first: _First, _lookup_id: str, facts: _Facts) -> None:
    found.pauses[_numbered(facts, "pause")] = facts


def _lifted(found: Endings, _first: _First, _lookup_id: str, facts: _Facts) -> None:
    found.pauses.pop(_numbered(facts, "pause"), None)


def _numbered(facts: _Facts, name: str) -> _Numbered:
    return int(facts[name]), str(facts.get("since"))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


_ACTS = {
    "revoked": _revoked,
    "suspended": _suspended,
    "resumed": _resumed,
    "ends": _ends,
    "replaced": _replaced,
    "cut": _cut,
    "disabled": _disabled,
    "enabled": _enabled,
    "verifier": _verifier,
    "calendar": _calendar,
    "paused": _paused,
    "lifted": _lifted,
}
