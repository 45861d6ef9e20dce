"""By what the inventory can be filtered: a few things, and for each of them the options that there are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.finding import NO_ROLE, STUDENTS_ONLY, of_role
from accounts.models import User
from accounts.people import chiefs, counting
from accounts.roles import CHIEF_FIRST, Base
from policies.limited import people_limited_by
from tokens.inventory.reach import owned_by, owned_by_people
from tokens.models import OPEN, State, in_use_at

IDLE = timedelta(days=30)
RECENT = timedelta(days=7)
SOON = 14  # days
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
