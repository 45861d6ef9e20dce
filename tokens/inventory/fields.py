"""What people type to filter by: a person, a course, words, days. A day that is none leaves no token, and that is said.

Days are those of whoever looks: their time zone has to be the current one wherever tokens are narrowed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.finding import search
from accounts.models import User
from accounts.parameters import day_in
from accounts.people import counting
from tokens.inventory.reach import owned_by

YEARS = range(1970, 9999)  # those of which every zone has a first and a last moment
Narrowing = Callable[[str, datetime], Q]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: its words, and the tokens that it leaves."""

    name: str
    label: str | Promise
    narrow: Narrowing
    is_day: bool = False
    help: str | Promise = ""

    def problem(self, text: str) -> str:
        """What is wrong with a text; empty where nothing is."""
        if not self.is_day or _day(text):
            return ""
        return _("“%(text)s” is no day. Write the year, the month and the day, like 2026-11-26.") % {"text": text}


def _day(text: str) -> date | None:
    day = day_in(text)
    return day if day and day.year in YEARS else None


def _start_of(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))


def _from(column: str, text: str, _now: datetime) -> Q:
    """On a day or later."""
    day = _day(text)
    return Q(**{f"{column}__gte": _start_of(day)}) if day else Q(pk__in=[])


def _to(column: str, text: str, _now: datetime) -> Q:
    """On a day or earlier."""
    day = _day(text)
    return Q(**{f"{column}__lt": _start_of(day + timedelta(days=1))}) if day else Q(pk__in=[])


def _of_owner(text: str, _now: datetime) -> Q:
    return Q(user__in=search(User.objects.all(), text).values("pk"))


def _of_purpose(text: str, _now: datetime) -> Q:
    return Q(purpose__icontains=text)


def _in_course(text: str, now: datetime) -> Q:
    """By the courses in which the owner holds a role that counts: their codes, SIS ids, and words of their names."""
    named = Q(course__code__iexact=text) | Q(course__sis_course_id=text) | Q(course__name__icontains=text)
    return owned_by(counting(now).filter(named))


def _of_scope(text: str, _now: datetime) -> Q:
    """Names the scope. The second condition is for the index, in which tokens without scopes do not stand."""
    return Q(scopes__contains=[text]) & ~Q(scopes=[])


def _days(column: str, name: str, first: str | Promise, last: str | Promise) -> tuple[Field, Field]:
    return (
        Field(f"{name}_from", first, partial(_from, column), is_day=True),
        Field(f"{name}_to", last, partial(_to, column), is_day=True),
    )


FIELDS = (
    Field("owner", gettext_lazy("Owner"), _of_owner, help=gettext_lazy("Name, sign-in, e-mail or SIS id")),
    Field("purpose", gettext_lazy("Purpose"), _of_purpose, help=gettext_lazy("Words of it")),
    Field("course", gettext_lazy("Course"), _in_course, help=gettext_lazy("Code, SIS id, or words of its name")),
    Field("scope", gettext_lazy("Scope"), _of_scope, help=gettext_lazy("All of its name")),
    *_days("created_at", "created", gettext_lazy("Made from"), gettext_lazy("Made to")),
    *_days("expires_at", "ends", gettext_lazy("Ends from"), gettext_lazy("Ends to")),
    *_days("last_used_at", "used", gettext_lazy("Last used from"), gettext_lazy("Last used to")),
)
