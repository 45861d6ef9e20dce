"""What a person holds, by role: how often, whether it counts now, and where. Of many places only the first are read."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Window
from django.db.models.functions import RowNumber

from accounts.models import Account, Course, Enrollment, GivenBy, Role, User
from accounts.people import counting

A_FEW, MOST = 6, 500  # places of one role


@dataclass(frozen=True, slots=True)
class Place:
    """A course, or an account where a role is held without one; when it ends there, if it was given until then.

    `is_claimed` says that it is held because the school's own sign-in claims so.
    """

    where: Course | Account
    ends_at: datetime | None
    is_claimed: bool = False


@dataclass(slots=True)
class Holding:
    """One role in one state, and where it is held."""

    role: Role
    counts: bool
    state: str
    total: int = 0
    read: int = 0
    places: dict[tuple[int, int | None], Place] = field(default_factory=dict)

    @property
    def others(self) -> int:
        """How many more there are than were read."""
        return self.total - self.read

    def add(self, held: Enrollment) -> None:
        """Take in where it is held; two sections of a course are one place."""
        self.read += 1
        self.places[held.account_id, held.course_id] = Place(
            held.course or held.account, held.ends_at, held.given_by == GivenBy.CLAIMS
        )


def holdings_of(person: User, *, now: datetime, most: int = A_FEW) -> list[Holding]:
    """Every role of a person, those that count first, each with at most so many places; in one query."""
    kind = [F("role"), F("counts"), F("state")]
    held = (
        person.enrollments.select_related("role", "account", "course")
        .annotate(counts=Exists(counting(now).filter(pk=OuterRef("pk"))))
        .annotate(
            total=Window(Count("*"), partition_by=kind),
            place=Window(RowNumber(), partition_by=kind, order_by=["course__code", "account__name", "pk"]),
        )
        .filter(place__lte=most)
        .order_by("-counts", "role__label", "state", "place")
    )
    found: dict[tuple[int, bool, str], Holding] = {}
    for each in held:
        key = (each.role_id, each.counts, each.state)
        found.setdefault(key, Holding(each.role, each.counts, each.state, each.total)).add(each)
    return list(found.values())
