"""What a person's roles amount to. Pure: values in, values out; no Django, no database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property


class Base(StrEnum):
    """The kind a role is of. A school adds roles of its own, each on one of these."""

    STUDENT = "student"
    TEACHER = "teacher"
    TA = "ta"
    DESIGNER = "designer"
    OBSERVER = "observer"
    ADMIN = "admin"


class Permission(StrEnum):
    """A right over the people whose home account lies in the subtree where the role is held."""

    TOKENS_VIEW = "tokens.view"
    TOKENS_CREATE = "tokens.create"
    TOKENS_DELETE = "tokens.delete"
    POLICY_EDIT = "policy.edit"
    USERS_VIEW = "users.view"
    AUDIT_VIEW = "audit.view"


class EnrollmentState(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    INACTIVE = "inactive"
    DELETED = "deleted"


# Bases that teach or run the school; a student or an observer holds none of them.
STAFF = frozenset({Base.TEACHER, Base.TA, Base.DESIGNER, Base.ADMIN})

# The base that a person is listed under is the first of these among theirs: students are those who are nothing else.
CHIEF_FIRST = (Base.ADMIN, Base.TEACHER, Base.TA, Base.DESIGNER, Base.OBSERVER, Base.STUDENT)


@dataclass(frozen=True, slots=True)
class Grant:
    """One enrollment as policy sees it. `path` is the account's line of ids from the root down to itself.

    `open` is False when the account or course that carries the enrollment is closed.
    """

    base: Base
    label: str
    permissions: frozenset[Permission]
    path: tuple[int, ...]
    course_id: int | None = None
    state: EnrollmentState = EnrollmentState.ACTIVE
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    open: bool = True

    @property
    def account_id(self) -> int:
        return self.path[-1]

    def counts(self, now: datetime) -> bool:
        """Only an active enrollment counts, from its start to just before its end."""
        return (
            self.open
            and self.state == EnrollmentState.ACTIVE
            and (self.starts_at is None or self.starts_at <= now)
            and (self.ends_at is None or now < self.ends_at)
        )


@dataclass(frozen=True)  # without slots: what follows from the grants is kept
class Standing:
    """The summary of a person's counting roles: the only thing about a person that policy looks at."""

    grants: tuple[Grant, ...] = ()

    @cached_property
    def bases(self) -> frozenset[Base]:
        return frozenset(grant.base for grant in self.grants)

    @cached_property
    def base_names(self) -> tuple[str, ...]:
        return tuple(sorted(base.value for base in self.bases))

    @property
    def chief(self) -> Grant | None:
        """The role that a person is listed under where there is room for one."""
        return min(self.grants, key=lambda grant: CHIEF_FIRST.index(grant.base), default=None)

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return frozenset().union(*(grant.permissions for grant in self.grants))

    def permissions_over(self, home: tuple[int, ...]) -> frozenset[Permission]:
        """The rights held over people whose home account has the path `home` (rule R5)."""
        held = (grant.permissions for grant in self.grants if home[: len(grant.path)] == grant.path)
        return frozenset().union(*held)

    def accounts_with(self, permission: Permission) -> frozenset[int]:
        """Ids of the accounts in which a role grants `permission`; it is good for their whole subtrees."""
        return frozenset(grant.account_id for grant in self.grants if permission in grant.permissions)


def standing_of(grants: Iterable[Grant], *, now: datetime) -> Standing:
    """Keep the grants that count at `now`."""
    return Standing(tuple(grant for grant in grants if grant.counts(now)))


def may_act_on(actor: Standing, target: Standing, home: tuple[int, ...], permission: Permission) -> bool:
    """Whether `actor` may use `permission` on `target`: nobody acts on a person who holds rights they lack (R5)."""
    held = actor.permissions_over(home)
    return permission in held and target.permissions <= held


def may_give(actor: Standing, permissions: frozenset[Permission], path: tuple[int, ...]) -> bool:
    """Whether `actor` may give or end a role with these `permissions` in the account at the end of `path`.

    It takes `policy.edit` there, and nobody gives, or ends, what they do not hold there themselves.
    """
    held = actor.permissions_over(path)
    return Permission.POLICY_EDIT in held and permissions <= held
