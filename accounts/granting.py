"""Giving a person a role, and ending one, by somebody who administers: who may, and with which right.

It takes `policy.edit` over the person and in the account. Nobody gives or ends what they do not hold there themselves,
and nobody acts on a person who holds rights they lack (R5).
"""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from accounts import enrolling
from accounts.denials import Denied, Why
from accounts.locks import lock_people
from accounts.models import Account, Enrollment, OpenState, Role, User
from accounts.people import Membership, memberships
from accounts.roles import EnrollmentState, Permission, Standing, may_give


@transaction.atomic
def give(
    person: User, role: Role, account: Account, *, until: datetime | None = None, actor: User, now: datetime
) -> Enrollment:
    """Give a person a role in an account; one that they hold there already only gets its new end.

    Raises Denied(role_retired, rights_not_held or nobody_left), or PermissionDenied for who may not do so at all.
    """
    standing = _require_over(person, actor, now)
    if not may_give(standing, frozenset(), account.line):
        raise PermissionDenied
    role = Role.objects.select_for_update(no_key=True).get(pk=role.pk)
    if role.retired_at is not None:
        raise Denied(Why.ROLE_RETIRED, "role", label=role.label)
    if not may_give(standing, role.rights, account.line):
        raise Denied(Why.RIGHTS_NOT_HELD, "role")
    return enrolling.enroll(person, role, account, ends_at=until, actor=actor, now=now)


@transaction.atomic
def end(person: User, enrollment_ids: Collection[int], *, actor: User, now: datetime) -> int:
    """End some of a person's roles, all or none; return how many were held.

    Raises Denied(nobody_left), or PermissionDenied for who may not.
    """
    standing = _require_over(person, actor, now)
    ended = 0
    for enrollment in held_by(person).filter(pk__in=enrollment_ids):
        if not may_end(standing, enrollment):
            raise PermissionDenied
        ended += enrolling.end(enrollment, actor=actor, now=now)
    return ended


def may_administer(actor: Membership, person: Membership) -> bool:
    """Whether `actor` may give a person roles and end some, as far as the person goes."""
    return actor.may(Permission.POLICY_EDIT, person)


def may_end(actor: Standing, enrollment: Enrollment) -> bool:
    """Whether `actor` could give this role where it is held, so that they may end it."""
    return may_give(actor, enrollment.role.rights, enrollment.account.line)


def held_by(person: User) -> QuerySet[Enrollment]:
    """The roles of a person that can be ended, whether they count today or not."""
    held = person.enrollments.filter(state=EnrollmentState.ACTIVE).select_related("role", "account", "course")
    return held.order_by("course__code", "account__name", "pk")


def roles_to_give(actor: Standing) -> list[Role]:
    """The roles that `actor` could give in one account or another; in which, `give` says."""
    held = [actor.permissions_over(grant.path) for grant in actor.grants]
    known = Role.objects.filter(retired_at=None).order_by("-is_builtin", "label")
    return [role for role in known if any(Permission.POLICY_EDIT in each and role.rights <= each for each in held)]


def accounts_to_give_in(actor: Standing) -> list[Account]:
    """The accounts in which `actor` may give roles, each below its parent."""
    within = actor.accounts_with(Permission.POLICY_EDIT)
    return list(Account.objects.filter(path__overlap=list(within), state=OpenState.ACTIVE).order_by("path"))


def ids_of_roles_to_end(actor: Standing, person: User) -> set[int]:
    """The roles of which `actor` may end one or another place, in one query."""
    return {each.role_id for each in held_by(person) if may_end(actor, each)}


def _require_over(person: User, actor: User, now: datetime) -> Standing:
    """What `actor` holds, once both are held still: of two who act on each other the second is asked again."""
    lock_people({person.pk, actor.pk})
    known = memberships({person.pk, actor.pk}, now=now)
    if not may_administer(known[actor.pk], known[person.pk]):
        raise PermissionDenied
    return known[actor.pk].standing
