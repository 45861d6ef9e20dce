"""What an address of the inventory asks for. A value that nobody offers counts as none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.finding import search
from accounts.models import User
from tokens.inventory.fields import FIELDS
from tokens.inventory.filters import FILTERS, USUAL, Label
from tokens.inventory.reach import owned_by
from tokens.models import AccessTokenQuerySet
from tokens.texts import searchable

FEW = 5_000  # tokens, which are looked up one by one


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is in force, and what is asked without it."""

    label: Label
    value: Label
    without: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: a word, one option of each filter, and the fields that are filled in.

    `Asked.by(asked.parameters)` is the same again, whenever that is.
    """

    term: str
    chosen: Mapping[str, str]
    typed: Mapping[str, str]

    @classmethod
    def by(cls, query: Mapping[str, str]) -> "Asked":
        """Read it from a query."""
        named = {each.name: query.get(each.name, each.usual) for each in FILTERS}
        chosen = {each.name: named[each.name] if named[each.name] in each.options else each.usual for each in FILTERS}
        typed = {each.name: searchable(query.get(each.name, "")) for each in FIELDS}
        return cls(searchable(query.get("q", "")), chosen, {name: text for name, text in typed.items() if text})

    @property
    def parameters(self) -> dict[str, str]:
        """What differs from the usual, as the shortest address that asks for the same."""
        chosen = {each.name: self.chosen[each.name] for each in FILTERS if self.chosen[each.name] != each.usual}
        return {**chosen, **self.typed} | ({"q": self.term} if self.term else {})

    def holds_all_of(self, query: Mapping[str, str]) -> bool:
        """Whether what was typed is what is looked for, to the letter."""
        texts = {"q": self.term, **{each.name: self.typed.get(each.name, "") for each in FIELDS}}
        return all(query.get(name, "").strip() == text for name, text in texts.items())

    @property
    def problems(self) -> dict[str, str]:
        """What is wrong with the fields, by their names; nothing matches then, so that no act goes too far."""
        found = {each.name: each.problem(self.typed[each.name]) for each in FIELDS if each.name in self.typed}
        return {name: problem for name, problem in found.items() if problem}

    @property
    def chips(self) -> list[Chip]:
        """All that is in force, in the order of the filters."""
        asked = self.parameters
        labels: dict[str, tuple[Label, Label]] = {"q": (_("Search"), self.term)}
        labels |= {each.name: (each.label, each.options[self.chosen[each.name]].label) for each in FILTERS}
        labels |= {each.name: (each.label, asked.get(each.name, "")) for each in FIELDS}
        return [
            Chip(*labels[name], {other: value for other, value in asked.items() if other != name}) for name in asked
        ]

    @property
    def is_beyond_usual(self) -> bool:
        """Whether something is in force that the first line of filters does not show."""
        return bool(self.parameters.keys() - {"q", *(each.name for each in USUAL)})

    @property
    def is_of_token(self) -> bool:
        """Whether it looks for a whole token, which somebody pasted."""
        prefix = f"{settings.TOKEN_PREFIX}_"
        return self.term.startswith(prefix) and "_" in self.term.removeprefix(prefix)

    def narrow(self, tokens: AccessTokenQuerySet, *, now: datetime) -> AccessTokenQuerySet:
        """The tokens that it leaves."""
        for each in FILTERS:
            tokens = tokens.filter(each.options[self.chosen[each.name]].narrow(now))
        for field in FIELDS:
            if field.name in self.typed:
                tokens = tokens.filter(field.narrow(self.typed[field.name], now))
        found = tokens.filter(_holding(self.term)) if self.term else tokens
        return _settled(found) if self.term or "purpose" in self.typed else found


def _settled(tokens: AccessTokenQuerySet) -> AccessTokenQuerySet:
    """The same, by their ids too where they are few.

    How many hold a word no statistics tell: in the order of a list PostgreSQL would go through all tokens, one by one.
    """
    ids = list(tokens.order_by().values_list("pk", flat=True)[: FEW + 1])
    return tokens if len(ids) > FEW else tokens.filter(pk__in=ids)


def _holding(term: str) -> Q:
    """By purpose or person, or by the beginning of the lookup id; a pasted hint or token means that alone."""
    prefix = f"{settings.TOKEN_PREFIX}_"
    beginning = term.removeprefix(prefix).partition("_")[0].rstrip("….")
    if term.startswith(prefix):
        return Q(lookup_id__startswith=beginning)
    found = Q(purpose__icontains=term) | owned_by(search(User.objects.all(), term), "pk")
    return found | Q(lookup_id__startswith=beginning) if beginning else found
