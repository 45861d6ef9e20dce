"""What the people of the demo school will do with tokens in the term; `term` lets it happen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from accounts.models import User
from accounts.roles import Base
from tokenportal.demo.words import (
    ADMINS_PURPOSES,
    REASONS_TO_REVOKE,
    REASONS_TO_SUSPEND,
    STAFF_PURPOSES,
    STUDENTS_PURPOSES,
)
from tokens import lifecycle
from tokens.models import AccessToken
from tokens.reasons import Reason
from tokens.scopes import MANAGE

Act = Callable[[AccessToken, datetime], object]
TERM = timedelta(days=120)
PURPOSES = {Base.STUDENT: STUDENTS_PURPOSES, Base.OBSERVER: STUDENTS_PURPOSES, Base.ADMIN: ADMINS_PURPOSES}
# How many tokens people of a base make in a term.
MANY = {Base.STUDENT: (1, 1, 2, 3, 3), Base.OBSERVER: (0, 1), Base.TEACHER: (2, 3, 4), Base.TA: (1, 2, 3)}


@dataclass(frozen=True, slots=True)
class Plan:
    """One token: when it is made, for how many days (None: without an end), and what happens how long after."""

    owner: User
    purpose: str
    made_at: datetime
    days: int | None
    actor: User | None = None  # where it is made for the owner
    scopes: tuple[str, ...] = ()
    fate: tuple[tuple[timedelta, Act], ...] = field(default=())


def plans(people: dict[str, User], bases: dict[int, set[Base]], *, random: Random, now: datetime) -> Iterator[Plan]:
    """Yield what everybody does; `people` by sign-in name, `bases` by their ids."""
    admin = people["admin"]
    yield from _of_sign_ins(people, admin, now)
    named = {plan.owner.pk for plan in _of_sign_ins(people, admin, now)}
    for person in people.values():
        if person.pk not in named and person.pk in bases:
            yield from _of_somebody(person, bases[person.pk], admin, random, now)


def _of_sign_ins(people: dict[str, User], admin: User, now: datetime) -> Iterator[Plan]:
    """Yield the tokens of those who sign in, so that each of them meets every kind of state."""

    def plan(login: str, purpose: str, ago: float, days: int | None, *fate: tuple[float, Act], **more: object) -> Plan:
        acts = tuple((timedelta(days=after), act) for after, act in fate)
        return Plan(people[login], purpose, now - timedelta(days=ago), days, fate=acts, **more)  # type: ignore[arg-type]  # `more` are Plan's own fields

    def revoked(token: AccessToken, when: datetime) -> object:
        return lifecycle.revoke(token, actor=admin, now=when, reason=Reason(REASONS_TO_REVOKE[0]))

    def suspended(token: AccessToken, when: datetime) -> object:
        return lifecycle.suspend(token, actor=admin, now=when, reason=Reason(REASONS_TO_SUSPEND[0]))

    yield plan("student", STUDENTS_PURPOSES[0], 40.2, 110)
    yield plan("student", STUDENTS_PURPOSES[2], 50.1, 59)
    yield plan("student", STUDENTS_PURPOSES[1], 96.4, 30)
    yield plan("student", STUDENTS_PURPOSES[4], 71.3, 120, (9.2, revoked))
    yield plan("student", "Access for the library kiosk project", 2.3, 60, actor=admin)
    yield plan("teacher", STAFF_PURPOSES[0], 112.2, None)
    yield plan("teacher", STAFF_PURPOSES[2], 88.5, None)
    yield plan("teacher", STAFF_PURPOSES[7], 63.1, 365)
    yield plan("teacher", STAFF_PURPOSES[4], 44.4, None, (30.1, suspended))
    yield plan("ta", STAFF_PURPOSES[2], 90.3, None)
    yield plan("ta", STAFF_PURPOSES[8], 35.2, 180)
    yield plan("designer", STAFF_PURPOSES[10], 77.2, None)
    yield plan("observer", STUDENTS_PURPOSES[2], 58.1, None)
    yield plan("student-ta", STAFF_PURPOSES[8], 66.3, None)
    yield plan("student-locked", STUDENTS_PURPOSES[9], 52.2, None)
    yield plan("student-former-ta", STAFF_PURPOSES[2], 83.1, None)
    yield plan("student-former-ta", STUDENTS_PURPOSES[1], 28.2, 90)
    yield plan("admin", ADMINS_PURPOSES[0], 115.4, None, scopes=(MANAGE,))
    yield plan("admin", ADMINS_PURPOSES[1], 70.2, 200)
    yield plan("subadmin", ADMINS_PURPOSES[3], 101.3, None)


def _of_somebody(person: User, bases: set[Base], admin: User, random: Random, now: datetime) -> Iterator[Plan]:
    base = min(bases, key=list(MANY).index) if bases <= set(MANY) else Base.TEACHER
    purposes = PURPOSES.get(base, STAFF_PURPOSES)
    for purpose in random.sample(purposes, k=random.choice(MANY[base])):
        made_at = _working_hour(now - TERM * random.uniform(0.01, 0.97), random)
        on_behalf = random.random() < 0.04
        yield Plan(
            person,
            purpose,
            made_at,
            _days(base, random),
            actor=admin if on_behalf else None,
            fate=tuple(_behalf_fate(random) if on_behalf else _fate(person, admin, random)),
        )


def _days(base: Base, random: Random) -> int | None:
    if base == Base.STUDENT:
        return random.choice((14, 30, 60, 90, 120, 120, 120))
    return random.choice((30, 180, 365, None, None, None))


def _working_hour(when: datetime, random: Random) -> datetime:
    """Move a moment to the day in Chicago, 14:00 to 24:00 UTC."""
    return when.replace(hour=random.randint(14, 23), minute=random.randint(0, 59), second=random.randint(0, 59))


def _fate(person: User, admin: User, random: Random) -> Iterator[tuple[timedelta, Act]]:
    after, reason = timedelta(days=random.uniform(2, 60)), random.choice(REASONS_TO_REVOKE)
    held_up = random.choice(REASONS_TO_SUSPEND)
    roll = random.random()
    if roll < 0.08:
        yield after, lambda token, now: lifecycle.revoke(token, actor=person, now=now)
    elif roll < 0.12:
        yield after, lambda token, now: lifecycle.revoke(token, actor=admin, now=now, reason=Reason(reason))
    elif roll < 0.15:
        yield after, lambda token, now: lifecycle.suspend(token, actor=admin, now=now, reason=Reason(held_up))
    elif roll < 0.19:
        yield after, lambda token, now: lifecycle.regenerate(token, actor=person, now=now)


def _behalf_fate(random: Random) -> Iterator[tuple[timedelta, Act]]:
    """Most people take what was made for them within a day."""
    if random.random() < 0.6:
        after = timedelta(hours=random.uniform(1, 20))
        yield after, lambda token, now: lifecycle.activate(token, actor=token.user, now=now)
