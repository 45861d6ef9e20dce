"""How people come, what roles they hold, and how that ends: each a transaction that locks, changes, records and tells.

A roster (`accounts.sis`) writes the same in bulk, with the same lines in the trail and the same news at its end.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import dependents
from accounts.audit import AuditEvent, line, record, record_many
from accounts.keepers import keeping
from accounts.locks import lock_people
from accounts.models import Account, Course, Enrollment, GivenBy, Role, User
from accounts.roles import EnrollmentState
from accounts.signals import people_switched, roles_changed

CHANGEABLE = ("state", "starts_at", "ends_at", "given_by")
# People who are told of in one piece of news, so that nobody who hears it has to hold a whole school at once.
TOLD_AT_ONCE = 5000


@transaction.atomic
def admit(person: User, *, actor: User | None, now: datetime) -> User:
    """Save a new person, who holds no role yet. Raises IntegrityError where the sign-in name is taken."""
    person.save(force_insert=True)
    after = {"login_id": person.login_id, "name": person.name, "email": person.email}
    record("person.add", actor=actor, now=now, person=person, subject_id=person.pk, after=after)
    return person


@transaction.atomic
def set_active(person: User, is_active: bool, *, actor: User | None, now: datetime, reason: str = "") -> bool:
    """Let a person sign in, or stop that and all that works for them; return whether that changed anything.

    What was stopped stays so when they may sign in again. Raises Denied(nobody_left), as `change`.
    """
    [locked] = lock_people([person.pk])
    if locked.is_active == is_active:
        return False
    tell_of_switch({person.pk}, is_active=is_active, actor=actor, now=now, reason=reason)
    locked.is_active = is_active
    with keeping(now=now):
        locked.save(update_fields=["is_active"])
    person.is_active = is_active
    facts: dict[str, Any] = {"before": {"is_active": not is_active}, "after": {"is_active": is_active}}
    action = "person.reactivate" if is_active else "person.deactivate"
    record(action, actor=actor, now=now, person=person, subject_id=person.pk, reason=reason, **facts)
    tell({person.pk}, actor=actor, now=now)
    return True


@transaction.atomic
def enroll(
    person: User,
    role: Role,
    where: Account | Course,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    given_by: GivenBy = GivenBy.SCHOOL,
    actor: User | None,
    now: datetime,
) -> Enrollment:
    """Give a person a role in an account or a course; one that they held there before is taken up again."""
    lock_people([person.pk])
    account, course = (where.account, where) if isinstance(where, Course) else (where, None)
    key: dict[str, Any] = {"user": person, "role": role, "account": account, "course": course, "sis_section_id": ""}
    dates: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at, "given_by": given_by}
    held = Enrollment.objects.filter(**key).first()
    if held is not None:
        change(held, {"state": EnrollmentState.ACTIVE, **dates}, actor=actor, now=now)
        return held
    made = Enrollment(**key, **dates)
    add_many([made], actor=actor, now=now)
    return made


@transaction.atomic
def change(enrollment: Enrollment, values: Mapping[str, Any], *, actor: User | None, now: datetime) -> bool:
    """Set some of CHANGEABLE; return whether that changed anything.

    Raises Denied(nobody_left) where the last person who may edit the policy of the whole school would lose that.
    """
    lock_people([enrollment.user_id])
    enrollment.refresh_from_db(fields=CHANGEABLE)
    before = facts_of(enrollment)
    for name in CHANGEABLE:
        setattr(enrollment, name, values.get(name, getattr(enrollment, name)))
    if facts_of(enrollment) == before:
        return False
    with keeping(now=now):
        enrollment.save(update_fields=CHANGEABLE)
    _line("enrollment.change", enrollment, before, actor=actor, now=now).save(force_insert=True)
    tell({enrollment.user_id}, actor=actor, now=now)
    return True


def end(
    enrollment: Enrollment,
    *,
    state: EnrollmentState = EnrollmentState.COMPLETED,
    actor: User | None,
    now: datetime,
) -> bool:
    """Take a role away; return whether it was held. The trail keeps that it was."""
    return change(enrollment, {"state": state}, actor=actor, now=now)


@transaction.atomic
def add_many(enrollments: Collection[Enrollment], *, actor: User | None, now: datetime) -> None:
    """Write enrollments that are new. Raises IntegrityError where one of them is held already."""
    user_ids = {enrollment.user_id for enrollment in enrollments}
    lock_people(user_ids)
    Enrollment.objects.bulk_create(enrollments, batch_size=1000)
    record_many(_line("enrollment.add", made, {}, actor=actor, now=now) for made in enrollments)
    tell(user_ids, actor=actor, now=now)


def tell(user_ids: Iterable[int], *, actor: User | None, now: datetime) -> int:
    """Send the news that these people's roles changed, inside the transaction that changed them.

    Returns what those who heard it say they changed because of it, as a sum.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("News of roles is told by the transaction that changes them.")
    ids, changed = sorted(user_ids), 0
    dependents.hold(ids)
    for start in range(0, len(ids), TOLD_AT_ONCE):
        some = set(ids[start : start + TOLD_AT_ONCE])
        answers = roles_changed.send(sender=Enrollment, user_ids=some, actor=actor, now=now)
        changed += sum(int(answer or 0) for _receiver, answer in answers)
    return changed


def tell_of_switch(
    user_ids: Iterable[int], *, is_active: bool, actor: User | None, now: datetime, reason: str = ""
) -> int:
    """Send the news that these people are about to be switched off or on, inside the transaction that does it.

    Returns how many things of theirs were stopped because of it. The people must be locked.
    """
    ids, stopped = sorted(user_ids), 0
    for start in range(0, len(ids), TOLD_AT_ONCE):
        some = set(ids[start : start + TOLD_AT_ONCE])
        said = {"user_ids": some, "is_active": is_active, "actor": actor, "now": now, "reason": reason}
        stopped += sum(int(answer or 0) for _receiver, answer in people_switched.send(sender=User, **said))
    return stopped


def facts_of(enrollment: Enrollment) -> dict[str, Any]:
    """What the trail keeps of an enrollment, beside its account; who vouches for it where that is not the school."""
    values = {name: getattr(enrollment, name) for name in CHANGEABLE if name != "given_by" or enrollment.given_by}
    return {"role": enrollment.role_id, "course": enrollment.course_id, **values}


def _line(
    action: str, enrollment: Enrollment, before: dict[str, Any], *, actor: User | None, now: datetime
) -> AuditEvent:
    after = facts_of(enrollment)
    changed = [name for name in {**after, **before} if before.get(name) != after.get(name)]
    return line(
        action,
        actor=actor,
        now=now,
        person=enrollment.user_id,
        account=enrollment.account,
        subject_id=enrollment.pk,
        before={name: before[name] for name in changed if name in before},
        after={name: after[name] for name in changed if name in after},
    )
