"""The truth table of the product, row by row: one table, taken to every door."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from accounts.roles import Base, EnrollmentState, Permission
from policies.rules import Audience
from tests.cast import enroll, person, role

S, OBS, T, TA, D, A = Base.STUDENT, Base.OBSERVER, Base.TEACHER, Base.TA, Base.DESIGNER, Base.ADMIN


@dataclass(frozen=True)
class Held:
    """One role that a person of the table holds."""

    base: Base
    label: str = ""
    permissions: tuple[Permission, ...] = ()
    state: EnrollmentState = EnrollmentState.ACTIVE
    ended: bool = False


@dataclass(frozen=True)
class Row:
    """A row: the roles, whether capped, and under which audiences the person may create."""

    name: str
    held: tuple[Held, ...]
    capped: bool
    may: frozenset[Audience]
    observers_count_as_students: bool = False


EVERYONE = frozenset({Audience.EVERYONE})
STAFF = EVERYONE | {Audience.NO_STUDENTS}
ADMINS = STAFF | {Audience.ADMINS_ONLY}

TABLE = (
    Row("none", (), capped=True, may=EVERYONE),
    Row("student", (Held(S),), capped=True, may=EVERYONE),
    Row("custom role on base student", (Held(S, "Auditor"),), capped=True, may=EVERYONE),
    Row("student and student elsewhere", (Held(S), Held(S, "Guest student")), capped=True, may=EVERYONE),
    Row("observer", (Held(OBS),), capped=False, may=EVERYONE),
    Row("observer counted as student", (Held(OBS),), capped=True, may=EVERYONE, observers_count_as_students=True),
    Row("student and observer", (Held(S), Held(OBS)), capped=False, may=EVERYONE),
    Row("student and observer counted", (Held(S), Held(OBS)), True, EVERYONE, observers_count_as_students=True),
    Row("student and teacher", (Held(S), Held(T)), capped=False, may=STAFF),
    Row("student and ta", (Held(S), Held(TA)), capped=False, may=STAFF),
    Row("student and designer", (Held(S), Held(D)), capped=False, may=STAFF),
    Row("teacher", (Held(T),), capped=False, may=STAFF),
    Row("ta", (Held(TA),), capped=False, may=STAFF),
    Row("designer", (Held(D),), capped=False, may=STAFF),
    Row("student and a custom role without permissions", (Held(S), Held(T, "Locked down")), capped=False, may=STAFF),
    Row("admin base without tokens.create", (Held(A, "Reader", (Permission.USERS_VIEW,)),), capped=False, may=STAFF),
    Row("custom role with tokens.create", (Held(T, "Key keeper", (Permission.TOKENS_CREATE,)),), False, ADMINS),
    Row("account admin", (Held(A),), capped=False, may=ADMINS),
    *(
        Row(f"student and {state} ta", (Held(S), Held(TA, state=state)), capped=True, may=EVERYONE)
        for state in (EnrollmentState.COMPLETED, EnrollmentState.INACTIVE, EnrollmentState.DELETED)
    ),
    Row("student and ta past its end", (Held(S), Held(TA, ended=True)), capped=True, may=EVERYONE),
)

CASES = [(row, audience) for row in TABLE for audience in Audience]


def case_id(value: object) -> str:
    return value.name.replace(" ", "-") if isinstance(value, Row) else str(value)


def person_of(row: Row, *, now: datetime, login_id: str = "someone") -> User:
    """Someone who holds the roles of a row."""
    user = person(login_id)
    for held in row.held:
        enroll(
            user,
            role(held.base, held.label, held.permissions),
            state=held.state,
            ends_at=now - timedelta(seconds=1) if held.ended else None,
        )
    return user
