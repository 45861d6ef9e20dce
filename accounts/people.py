"""Who a person is here: their standing, their home account, and whom they reach."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Account, Enrollment, OpenState, User
from accounts.roles import EnrollmentState, Grant, Permission, Standing, may_act_on, standing_of
from accounts.tree import Path, home_of


@dataclass(frozen=True, slots=True)
class Membership:
    """What the school knows of a person at one moment: what their roles amount to, and which account is home."""

    standing: Standing
    home: Path

    def may(self, permission: Permission, target: "Membership") -> bool:
        """Whether this person may use `permission` on `target`."""
        return may_act_on(self.standing, target.standing, target.home, permission)

    def sees(self, permission: Permission, target: "Membership") -> bool:
        """Whether `permission` reaches `target` for looking only: rights they hold do not shield them from that."""
        return permission in self.standing.permissions_over(target.home)


def membership(user: User, *, now: datetime) -> Membership:
    return memberships([user.pk], now=now)[user.pk]


def memberships(user_ids: Iterable[int], *, now: datetime) -> dict[int, Membership]:
    """The memberships of many people, in two queries."""
    wanted = list(user_ids)
    grants: dict[int, list[Grant]] = defaultdict(list)
    rows = Enrollment.objects.filter(user__in=wanted).select_related("role", "account", "course").order_by("id")
    for enrollment in rows:
        grants[enrollment.user_id].append(enrollment.grant)
    root = Account.objects.root().line
    return {user_id: _membership(grants[user_id], root, now) for user_id in wanted}


def _membership(grants: list[Grant], root: Path, now: datetime) -> Membership:
    standing = standing_of(grants, now=now)
    return Membership(standing, home_of((grant.path for grant in standing.grants), root=root))


def homed_in(account_ids: Iterable[int], *, now: datetime) -> QuerySet[User]:
    """People whose home account lies in the subtree of one of the accounts; a test holds it to `home_of`."""
    root_id = Account.objects.root().pk
    within = Q(pk__in=[])
    for account_id in account_ids:
        if account_id == root_id:
            return User.objects.all()
        inside = _counting(now).filter(user=OuterRef("pk"), account__path__contains=[account_id])
        outside = _counting(now).filter(user=OuterRef("pk")).exclude(account__path__contains=[account_id])
        within |= Q(Exists(inside)) & ~Q(Exists(outside))
    return User.objects.filter(within)


def _counting(now: datetime) -> QuerySet[Enrollment]:
    """`Grant.counts` for the database."""
    return (
        Enrollment.objects.filter(state=EnrollmentState.ACTIVE, account__state=OpenState.ACTIVE)
        .filter(Q(course=None) | Q(course__state=OpenState.ACTIVE))
        .alias(start=Coalesce("starts_at", "course__starts_at"), end=Coalesce("ends_at", "course__ends_at"))
        .filter(Q(start=None) | Q(start__lte=now), Q(end=None) | Q(end__gt=now))
    )


def reachable_by(viewer: User, permission: Permission, *, now: datetime) -> QuerySet[User]:
    """The people over whom `viewer` holds `permission`."""
    return homed_in(membership(viewer, now=now).standing.accounts_with(permission), now=now)


def search(people: QuerySet[User], term: str) -> QuerySet[User]:
    """Narrow to people whose name, sign-in, e-mail or SIS id contains `term`."""
    fields = ("name", "login_id", "email", "sis_user_id")
    return people.filter(Q(*((f"{field}__icontains", term) for field in fields), _connector=Q.OR))


def find_person(reference: str, *, viewer: User) -> User | None:
    """The person that an API path names: a number, `self` or `sis_user_id:X`."""
    if reference == "self":
        return viewer
    if "\0" in reference:  # PostgreSQL has no such text
        return None
    if reference.startswith("sis_user_id:"):
        return User.objects.filter(sis_user_id=reference.removeprefix("sis_user_id:")).first()
    if reference.isascii() and reference.isdigit() and len(reference) <= 18:
        return User.objects.filter(pk=int(reference)).first()
    return None
