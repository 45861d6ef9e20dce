"""Who a person is here: their standing, their home account, and whom they reach."""

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Case, Exists, Min, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Account, Enrollment, OpenState, User
from accounts.prepared import fetch_all, fetch_one
from accounts.roles import CHIEF_FIRST, Base, EnrollmentState, Grant, Permission, Standing, may_act_on, standing_of
from accounts.tree import Path, home_of

NOTHING: frozenset[Permission] = frozenset()
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
# By value: to look there is quicker than asking the enumeration.
_BASES = {base.value: base for base in Base}


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


# A column for statements that read the person as `u`: their grants, for `membership_of`, in any order. The database
# keeps what an enrollment grants beside it, so that nothing is joined here.
GRANTS_OF_U = "ARRAY(SELECT e.as_grant FROM accounts_enrollment e WHERE e.user_id = u.id AND e.as_grant IS NOT NULL)"
_GRANTS = """
    SELECT user_id, array_agg(as_grant ORDER BY id) FROM accounts_enrollment
    WHERE user_id = ANY(%s::bigint[]) AND as_grant IS NOT NULL GROUP BY user_id
"""
_ROOT = "SELECT path FROM accounts_account WHERE parent_id IS NULL"
# In such statements, the ids of every account that their home may be, and of all above it.
ACCOUNTS_OF_U = f"""
    COALESCE(NULLIF(ARRAY(SELECT unnest(a.path) FROM accounts_account a WHERE a.id = ANY(ARRAY(
        SELECT e.account_id FROM accounts_enrollment e WHERE e.user_id = u.id AND e.as_grant IS NOT NULL
    ))), '{{}}'), ({_ROOT}))
"""  # noqa: S608  # ours


def memberships(user_ids: Iterable[int], *, now: datetime) -> dict[int, Membership]:
    """The memberships of many people, in one query, and one more where somebody holds no role."""
    wanted = list(user_ids)
    found: dict[int, list[str]] = dict(fetch_all(_GRANTS, [wanted]))
    standings = {user_id: _standing(found.get(user_id, ()), now) for user_id in wanted}
    root = () if all(standing.grants for standing in standings.values()) else root_path()
    return {user_id: _membership(standing, root) for user_id, standing in standings.items()}


def membership_of(grants: Iterable[str], *, now: datetime) -> Membership:
    """The membership of the person whose grants a statement has read as GRANTS_OF_U."""
    texts = tuple(grants)
    return _membership_after(texts, bisect_right(_moments(texts), now)) or _membership(Standing(), root_path())


@lru_cache(10_000)
def _moments(grants: tuple[str, ...]) -> list[datetime]:
    """When what these grants amount to changes."""
    return sorted(moment for grant in map(_grant, grants) for moment in (grant.starts_at, grant.ends_at) if moment)


@lru_cache(10_000)
def _membership_after(grants: tuple[str, ...], number: int) -> Membership | None:
    """What they amount to after so many of their moments, for ever the same; None if that is nothing."""
    now = _moments(grants)[number - 1] if number else BEFORE_ALL
    standing = _standing(grants, now)
    return _membership(standing, ()) if standing.grants else None


def _standing(grants: Iterable[str], now: datetime) -> Standing:
    return standing_of(map(_grant, grants), now=now)


def _membership(standing: Standing, root: Path) -> Membership:
    return Membership(standing, home_of((grant.path for grant in standing.grants), root=root))


@lru_cache(10_000)
def _grant(text: str) -> Grant:
    """What `Enrollment.as_grant` says, as policy sees it.

    A text says the same for ever, and those of one course are alike: most need not be taken apart again.
    """
    base, label, permissions, path, course_id, starts_at, ends_at = json.loads(text)
    return Grant(
        base=_BASES[base],
        label=label,
        permissions=frozenset(map(Permission, permissions)) if permissions else NOTHING,
        path=tuple(path),
        course_id=course_id,
        starts_at=_moment(starts_at),
        ends_at=_moment(ends_at),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def root_path() -> Path:
    """The path of the root account."""
    row = fetch_one(_ROOT, [])
    if row is None:
        raise Account.DoesNotExist
    return tuple(row[0])


def homed_in(account_ids: Iterable[int], *, now: datetime) -> QuerySet[User]:
    """People whose home account lies in the subtree of one of the accounts; a test holds it to `home_of`."""
    wanted = set(account_ids)
    paths = dict(Account.objects.filter(Q(parent=None) | Q(path__overlap=list(wanted))).values_list("pk", "path"))
    within = Q(pk__in=[])
    for account_id in wanted:
        if paths.get(account_id) == [account_id]:  # the root
            return User.objects.all()
        # By their ids: of those the planner knows how many roles are held in each, of paths it knows nothing.
        subtree = [pk for pk, path in paths.items() if account_id in path]
        held = counting(now).filter(user=OuterRef("pk"))
        within |= Q(Exists(held.filter(account__in=subtree))) & ~Q(Exists(held.exclude(account__in=subtree)))
    return User.objects.filter(within)


def counting(now: datetime) -> QuerySet[Enrollment]:
    """The enrollments that count: `Grant.counts` for the database."""
    return (
        Enrollment.objects.filter(state=EnrollmentState.ACTIVE, account__state=OpenState.ACTIVE)
        .filter(Q(course=None) | Q(course__state=OpenState.ACTIVE))
        .alias(start=Coalesce("starts_at", "course__starts_at"), end=Coalesce("ends_at", "course__ends_at"))
        .filter(Q(start=None) | Q(start__lte=now), Q(end=None) | Q(end__gt=now))
    )


def chiefs(now: datetime) -> QuerySet[Any, Any]:
    """`Standing.chief` for the database: `user_id` and `rank`, which counts CHIEF_FIRST, of all who hold a role."""
    ranks = (When(role__base=base, then=Value(rank)) for rank, base in enumerate(CHIEF_FIRST))
    return counting(now).order_by().values("user_id").annotate(rank=Min(Case(*ranks)))


def reachable_by(viewer: User, permission: Permission, *, now: datetime) -> QuerySet[User]:
    """The people over whom `viewer` holds `permission`."""
    return homed_in(membership(viewer, now=now).standing.accounts_with(permission), now=now)


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
