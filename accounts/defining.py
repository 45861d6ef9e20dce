"""The roles that a school makes for itself: made, changed and retired by who edits the policy of the whole school.

What a role grants is a rule of the school: a change of it holds everybody's roles and tokens still, and is told for all
who hold the role in the same transaction, so that their tokens come under the cap that follows.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count

from accounts import enrolling
from accounts.audit import record
from accounts.denials import Denied, Why
from accounts.keepers import keeping
from accounts.locks import take_rules
from accounts.models import Role, User
from accounts.people import counting, membership, root_path
from accounts.roles import Base, EnrollmentState, Permission
from accounts.sis.roles import is_word


@transaction.atomic
def define(label: str, base: str, permissions: Collection[str], *, actor: User | None, now: datetime) -> Role:
    """Make a role of the school's own; its base never changes.

    Raises Denied(role_label_missing, role_label_taken, role_base_unknown or rights_not_held), or PermissionDenied for
    who does not edit the policy of the whole school.
    """
    if base not in set(Base):
        raise Denied(Why.ROLE_BASE_UNKNOWN, "base")
    role = Role(label=label.strip(), base=base, permissions=_ordered(permissions))
    _require_held(set(permissions), actor, now)
    _save(role)
    record("role.add", actor=actor, now=now, subject_id=role.pk, after=_facts(role))
    return role


@transaction.atomic
def change(role: Role, *, label: str, permissions: Collection[str], actor: User | None, now: datetime) -> int | None:
    """Give a role another name or other rights; return how many tokens that shortened, None if nothing differed.

    Raises Denied(role_label_missing, role_label_taken, rights_not_held or nobody_left), PermissionDenied as `define`
    and for a built-in role, and RulesAreHeld.
    """
    take_rules()
    locked = _own(role)
    _require_held({*locked.permissions, *permissions}, actor, now)
    before = _facts(locked)
    locked.label, locked.permissions = label.strip(), _ordered(permissions)
    after = _facts(locked)
    changed = [name for name, value in after.items() if value != before[name]]
    if not changed:
        return None
    with keeping(now=now):
        _save(locked)
    facts: dict[str, Any] = {
        kept: {name: of[name] for name in changed} for kept, of in (("before", before), ("after", after))
    }
    record("role.change", actor=actor, now=now, subject_id=locked.pk, **facts)
    role.label, role.permissions = locked.label, locked.permissions
    if "permissions" not in changed:
        return 0
    held = locked.enrollments.filter(state=EnrollmentState.ACTIVE)
    return enrolling.tell(held.values_list("user_id", flat=True).distinct(), actor=actor, now=now)


@transaction.atomic
def retire(role: Role, *, actor: User | None, now: datetime) -> bool:
    """Let nobody be given a role any more; who holds it keeps it. One that nothing speaks of goes altogether.

    Return whether it went. Raises Denied(rights_not_held), PermissionDenied and RulesAreHeld, as `change`.
    """
    take_rules()
    locked = _own(role)
    _require_held(locked.permissions, actor, now)
    if locked.retired_at is not None:
        return False
    is_gone = not is_spoken_of(locked)
    record("role.retire", actor=actor, now=now, subject_id=locked.pk, before=_facts(locked))
    if is_gone:
        locked.delete()
    else:
        locked.retired_at = now
        locked.save(update_fields=["retired_at"])
    return is_gone


def may_change(role: Role, held: Collection[Permission]) -> bool:
    """Whether who holds these rights at the root may change or retire a role: nobody edits what they do not hold."""
    return not role.is_builtin and role.rights <= set(held)


def is_spoken_of(role: Role) -> bool:
    """Whether anything in the portal refers to a role: that somebody held it, or whatever a floor above keeps of it."""
    return any(getattr(role, str(kept.get_accessor_name())).exists() for kept in Role._meta.related_objects)


def holders(now: datetime) -> dict[int, int]:
    """How many people hold each role, as far as it counts; by the role's id."""
    held = counting(now).order_by().values("role").annotate(number=Count("user", distinct=True))
    return dict(held.values_list("role", "number"))


def _own(role: Role) -> Role:
    """The role as it is now, locked until the transaction ends. Raises PermissionDenied for a built-in one."""
    locked = Role.objects.select_for_update().get(pk=role.pk)
    if locked.is_builtin:
        raise PermissionDenied
    return locked


def _require_held(permissions: Collection[str], actor: User | None, now: datetime) -> None:
    """The portal itself, which is None, holds every right."""
    held = set(Permission) if actor is None else membership(actor, now=now).standing.permissions_over(root_path())
    if Permission.POLICY_EDIT not in held:
        raise PermissionDenied
    if not held.issuperset(permissions):
        raise Denied(Why.RIGHTS_NOT_HELD, "permissions")


def _save(role: Role) -> None:
    if not role.label:
        raise Denied(Why.ROLE_LABEL_MISSING, "label")
    taken = Denied(Why.ROLE_LABEL_TAKEN, "label", label=role.label)
    if is_word(role.label):
        raise taken
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError as error:
        raise taken from error


def _ordered(permissions: Collection[str]) -> list[str]:
    """In the order in which the rights are listed everywhere."""
    return [permission.value for permission in Permission if permission in permissions]


def _facts(role: Role) -> dict[str, Any]:
    return {"label": role.label, "base": role.base, "permissions": role.permissions}
