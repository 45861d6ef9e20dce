"""Finding people, by what they are called, by what their roles amount to, a page at a time; and courses."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower

from accounts.models import Course, User
from accounts.parameters import number_in
from accounts.people import counting
from accounts.roles import Base

COUNTED = 10_000  # people; how many more there are than that is nobody's question
# Beside the bases: what all of a person's roles come to.
STUDENTS_ONLY, NO_ROLE = "students_only", "none"
ROLES = (*(base.value for base in Base), STUDENTS_ONLY, NO_ROLE)


def search(people: QuerySet[User], term: str) -> QuerySet[User]:
    """Narrow to people whose name, sign-in, e-mail or SIS id contains `term`."""
    return people.filter(search_text__contains=Lower(Value(term)))


def of_role(people: QuerySet[User], role: str, *, now: datetime) -> QuerySet[User]:
    """Narrow to one of ROLES, by the roles that count; anything else means everybody."""
    held = counting(now).filter(user=OuterRef("pk"))
    if role == NO_ROLE:
        return people.filter(~Exists(held))
    if role == STUDENTS_ONLY:
        others = held.exclude(role__base=Base.STUDENT)
        return people.filter(Exists(held.filter(role__base=Base.STUDENT)), ~Exists(others))
    if role in ROLES:
        return people.filter(Exists(held.filter(role__base=role)))
    return people


def after(people: QuerySet[User], last: str) -> QuerySet[User]:
    """In the order of their names, those after the one whose id ended the page before: depth costs nothing."""
    people = people.order_by("sortable_name", "pk")
    number = number_in(last)
    before = None if number is None else User.objects.filter(pk=number).first()
    if before is None:
        return people
    beyond = Q(sortable_name__gt=before.sortable_name) | Q(sortable_name=before.sortable_name, pk__gt=before.pk)
    return people.filter(beyond, sortable_name__gte=before.sortable_name)


def count(people: QuerySet[User]) -> int | None:
    """How many there are; None where they are more than COUNTED."""
    found = people.order_by().values("pk")[: COUNTED + 1].count()
    return found if found <= COUNTED else None


def course_named(account_ids: Iterable[int], text: str) -> Course | None:
    """The one course in the subtrees of the accounts that a code or SIS id names; None for none and for several."""
    named = Q(code__iexact=text) | Q(sis_course_id=text)
    within = Course.objects.filter(account__path__overlap=list(account_ids)).select_related("account")
    found = list(within.filter(named)[:2]) if text and "\0" not in text else []
    return found[0] if len(found) == 1 else None
