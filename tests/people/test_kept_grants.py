"""What each enrollment grants stands with it: what a join would say, whatever changes and whoever changes it."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Course, Enrollment, OpenState, Role, User
from accounts.people import membership
from accounts.roles import Base, EnrollmentState, Permission
from tests.cast import NOW, School, enroll, person, role

JOINED = """
    SELECT e.id, r.base, r.label, r.permissions, a.path, e.course_id,
        COALESCE(e.starts_at, c.starts_at), COALESCE(e.ends_at, c.ends_at)
    FROM accounts_enrollment e
    JOIN accounts_role r ON r.id = e.role_id
    JOIN accounts_account a ON a.id = e.account_id
    LEFT JOIN accounts_course c ON c.id = e.course_id
    WHERE e.state = 'active' AND a.state = 'active' AND COALESCE(c.state = 'active', TRUE)
"""


def joined() -> dict[int, list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(JOINED)
        return {row[0]: list(row[1:]) for row in cursor.fetchall()}


def kept() -> dict[int, list[Any]]:
    rows = Enrollment.objects.filter(as_grant__isnull=False).values_list("pk", "as_grant")
    return {pk: _with_moments(json.loads(text or "")) for pk, text in rows}


def _with_moments(fields: list[Any]) -> list[Any]:
    moments = (None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC) for text in fields[5:])
    return [*fields[:5], *moments]


class World:
    """Some of everything, and ways to change it that go past all code of ours."""

    def __init__(self) -> None:
        root = Account.objects.root()
        faculties = [Account.objects.create_under(root, name=f"Faculty {n}") for n in range(2)]
        departments = [Account.objects.create_under(faculties[n % 2], name=f"Department {n}") for n in range(3)]
        self.accounts = [root, *faculties, *departments]
        self.courses = [Course.objects.create(code=f"C{n}", name="", account=departments[n]) for n in range(3)]
        self.roles = [role(Base.STUDENT), role(Base.TA), role(Base.ADMIN, "Helper", (Permission.TOKENS_VIEW,))]
        self.people = [person(f"somebody{n}") for n in range(3)]
        for who in self.people:
            enroll(who, self.roles[0], course=self.courses[0])

    def change(self, kind: int, one: int, other: int) -> None:
        kinds: tuple[Callable[[int, int], object], ...]
        kinds = (self.add, self.end, self.date, self.place, self.name, self.grant)
        kinds += (self.move, self.close, self.shut, self.term)
        kinds[kind % len(kinds)](one, other)

    def add(self, one: int, other: int) -> None:
        user, where = self.people[one % 3], (self.courses[other % 3] if other % 2 else self.accounts[other % 6])
        account, course = (where.account, where) if isinstance(where, Course) else (where, None)
        key = {"user": user, "role": self.roles[one % 2], "account": account, "course": course, "sis_section_id": ""}
        if not Enrollment.objects.filter(**key).exists():
            Enrollment.objects.bulk_create([Enrollment(**key, starts_at=_moment(one))])

    def end(self, one: int, other: int) -> None:
        Enrollment.objects.filter(user=self.people[one % 3]).update(state=list(EnrollmentState)[other % 4])

    def date(self, one: int, other: int) -> None:
        Enrollment.objects.filter(user=self.people[one % 3]).update(ends_at=_moment(other))

    def place(self, one: int, other: int) -> None:
        held = Enrollment.objects.filter(user=self.people[one % 3], course=None).first()
        if held is not None:
            held.account, held.sis_section_id = self.accounts[(other + 1) % 6], str(other)
            held.save()

    def name(self, one: int, other: int) -> None:
        Role.objects.filter(pk=self.roles[one % 3].pk).update(label=f"Role {one % 3} {other}")

    def grant(self, one: int, other: int) -> None:
        Role.objects.filter(pk=self.roles[one % 3].pk).update(permissions=list(Permission)[: other % 4])

    def move(self, one: int, other: int) -> None:
        account, above = self.accounts[1 + one % 5], self.accounts[other % 6]
        above.refresh_from_db()
        if account.pk not in above.path:
            Account.objects.filter(pk=account.pk).update(parent=above)

    def close(self, one: int, other: int) -> None:
        Account.objects.filter(pk=self.accounts[one % 6].pk).update(state=OpenState.values[other % 3])

    def shut(self, one: int, other: int) -> None:
        Course.objects.filter(pk__in=[each.pk for each in self.courses[one % 3 :]]).update(
            state=OpenState.values[other % 3]
        )

    def term(self, one: int, other: int) -> None:
        Course.objects.filter(pk=self.courses[one % 3].pk).update(starts_at=_moment(one), ends_at=_moment(other))


def _moment(number: int) -> datetime | None:
    return NOW + timedelta(hours=number, microseconds=number) if number % 3 else None


numbers = st.integers(0, 40)


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(st.tuples(numbers, numbers, numbers), max_size=15))
def test_what_is_kept_is_what_a_join_says_after_any_changes(changes: list[tuple[int, int, int]]) -> None:
    with transaction.atomic():
        world = World()
        for kind, one, other in changes:
            world.change(kind, one, other)
            assert kept() == joined()
        transaction.set_rollback(True)


def test_every_kind_of_change_is_noticed(school: School) -> None:
    world = World()
    for kind in range(10):
        before = kept()
        for one, other in ((0, 1), (1, 2), (2, 4)):
            world.change(kind, one, other)
            assert kept() == joined()
        assert kept() != before, f"change {kind} changed nothing, so this shows nothing"
        Enrollment.objects.update(state=EnrollmentState.ACTIVE)
        Account.objects.update(state=OpenState.ACTIVE)
        Course.objects.update(state=OpenState.ACTIVE)
        assert kept() == joined()


def test_nobody_can_write_it(school: School) -> None:
    Enrollment.objects.update(as_grant='["admin"]')
    assert kept() == joined()


def test_a_role_in_a_course_that_is_not_there_is_refused(school: School) -> None:
    where = {"user": school.student, "role": role(Base.TA), "account": school.root, "course_id": 10**9}
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrollment.objects.create(**where)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["the enrollment", "the change"])
def test_whoever_comes_second_sees_what_the_first_has_written(first: str) -> None:
    """Two transactions at once, neither of which sees the other's rows before it ends."""
    account = Account.objects.create_under(Account.objects.root(), name="Faculty")
    course = Course.objects.create(code="C", name="", account=account)
    who, has_written, may_end = person("somebody"), threading.Event(), threading.Event()

    def add() -> None:
        enroll(who, role(Base.TEACHER), course=course)

    def close() -> None:
        Course.objects.filter(pk=course.pk).update(state=OpenState.COMPLETED)

    one, other = (add, close) if first == "the enrollment" else (close, add)

    def begin() -> None:
        with transaction.atomic():
            one()
            has_written.set()
            may_end.wait(60)
        connections.close_all()

    def follow() -> None:
        with transaction.atomic():
            other()
        connections.close_all()

    threads = [threading.Thread(target=begin), threading.Thread(target=follow)]
    threads[0].start()
    assert has_written.wait(60)
    threads[1].start()
    threads[1].join(0.3)
    assert threads[1].is_alive(), "it waits"
    may_end.set()
    for thread in threads:
        thread.join(60)
    assert (kept(), joined()) == ({}, {})
    assert not membership(User.objects.get(pk=who.pk), now=NOW).standing.grants
