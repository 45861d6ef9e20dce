"""What an address of the inventory asks for. A value that nobody offers counts as none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.finding import NO_ROLE, STUDENTS_ONLY, of_role, search
from accounts.models import User
from accounts.people import chiefs, counting
from accounts.roles import CHIEF_FIRST, Base
from policies.limited import people_limited_by
from tokens.inventory.fields import FIELDS
from tokens.inventory.reach import owned_by, owned_by_people
from tokens.models import OPEN, AccessTokenQuerySet, State, in_use_at
from tokens.texts import searchable

IDLE = timedelta(days=30)
RECENT = timedelta(days=7)
SOON = 14  # days
FEW = 5_000  # tokens, which are looked up one by one
Narrowing = Callable[[datetime], Q]
Label = str | Promise


def ending_within(days: int, now: datetime) -> Q:
    """Has its end still before it, `days` away at most."""
    return Q(expires_at__gt=now, expires_at__lte=now + timedelta(days=days))


def never_ends(_now: datetime) -> Q:
    """Has no end."""
    return Q(expires_at=None)


def idle(now: datetime) -> Q:
    """Neither used nor made within 30 days."""
    return Q(last_used_at__lte=now - IDLE) | Q(last_used_at=None, created_at__lte=now - IDLE)


def used_lately(now: datetime) -> Q:
    """Used within a week."""
    return Q(last_used_at__gt=now - RECENT)


def never_used(_now: datetime) -> Q:
    """Not used yet."""
    return Q(last_used_at=None)


def _open_as(state: State, now: datetime) -> Q:
    return in_use_at(now) & Q(state=state)


def _expired(now: datetime) -> Q:
    return Q(state=State.EXPIRED) | Q(state__in=OPEN, expires_at__lte=now)


def _anything(_now: datetime) -> Q:
    return Q()


def _owned_as(role: str, now: datetime) -> Q:
    """By the roles of the owners that count; students only are those who are listed under that role."""
    if role == NO_ROLE:
        return owned_by(of_role(User.objects.all(), role, now=now), "pk")
    if role == STUDENTS_ONLY:
        return owned_by(chiefs(now).filter(rank=CHIEF_FIRST.index(Base.STUDENT)))
    return owned_by(counting(now).filter(role__base=role))


def _limited_by(limit: str | None, now: datetime) -> Q:
    """By what limits the lives of the owners' tokens today."""
    return owned_by_people(people_limited_by(limit, now=now))


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter: its words, and the tokens that it leaves."""

    label: Label
    narrow: Narrowing


@dataclass(frozen=True, slots=True)
class Filter:
    """One thing to filter by. The first of its options is meant where none is named."""

    name: str
    label: Label
    options: Mapping[str, Option]

    @property
    def usual(self) -> str:
        """The option that is meant where none is named."""
        return next(iter(self.options))


ANY = ""
ROLE = Filter(
    "role",
    _("Role of the owner"),
    {
        ANY: Option(_("Any role"), _anything),
        **{
            name: Option(label, partial(_owned_as, name))
            for name, label in {
                STUDENTS_ONLY: _("Students only"),
                Base.STUDENT: _("Student"),
                Base.TEACHER: _("Instructor"),
                Base.TA: _("TA"),
                Base.DESIGNER: _("Designer"),
                Base.OBSERVER: _("Observer"),
                Base.ADMIN: _("Administrator"),
                NO_ROLE: _("No role"),
            }.items()
        },
    },
)
STATE = Filter(
    "state",
    _("Status"),
    {
        "in_use": Option(_("In use"), in_use_at),
        **{state.value: Option(state.label, partial(_open_as, state)) for state in OPEN},
        State.EXPIRED.value: Option(State.EXPIRED.label, _expired),
        State.REVOKED.value: Option(State.REVOKED.label, lambda _now: Q(state=State.REVOKED)),
        "all": Option(_("Any status"), _anything),
    },
)
USE = Filter(
    "use",
    _("Use"),
    {
        ANY: Option(_("Used any time"), _anything),
        "recent": Option(_("Used within 7 days"), used_lately),
        "idle": Option(_("Unused for 30 days"), idle),
        "never": Option(_("Never used"), never_used),
    },
)
ENDS = Filter(
    "ends",
    _("End"),
    {
        ANY: Option(_("Ends any time"), _anything),
        "7": Option(_("Ends within 7 days"), partial(ending_within, 7)),
        "14": Option(_("Ends within 14 days"), partial(ending_within, SOON)),
        "30": Option(_("Ends within 30 days"), partial(ending_within, 30)),
        "never": Option(_("Never ends"), never_ends),
    },
)
MADE = Filter(
    "made",
    _("Made by"),
    {
        ANY: Option(_("Made by anybody"), _anything),
        "others": Option(_("Made by somebody else"), lambda _now: Q(creator__isnull=False)),
    },
)
SCOPED = Filter(
    "scoped",
    _("Scopes"),
    {
        ANY: Option(_("With and without scopes"), _anything),
        "yes": Option(_("Limited to some scopes"), lambda _now: ~Q(scopes=[])),
        "no": Option(_("Not limited to scopes"), lambda _now: Q(scopes=[])),
    },
)
LIMITED = Filter(
    "limited_by",
    _("Limited by"),
    {
        ANY: Option(_("Limited or not"), _anything),
        "student_cap": Option(_("The limit for students"), partial(_limited_by, "student_cap")),
        "account_cap": Option(_("A limit for other people"), partial(_limited_by, "account_cap")),
        "none": Option(_("No limit"), partial(_limited_by, None)),
    },
)
USUAL = (ROLE, STATE, USE, ENDS, MADE)
FOLDED = (SCOPED, LIMITED)
FILTERS = (*USUAL, *FOLDED)


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
