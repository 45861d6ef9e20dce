"""The last person who may edit the policy of the whole school keeps that, whichever door is tried, and by whomever."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from accounts import defining, enrolling, granting
from accounts.denials import Denied, Why
from accounts.keepers import keepers
from accounts.models import Enrollment, User
from accounts.roles import Base, EnrollmentState, Permission
from accounts.sis.report import SisError
from tests.accounts.roster import load, write
from tests.cast import NOW, School, enroll, person, role

LATER = NOW + timedelta(days=30)
Door = Callable[[User], object]


def held(user: User) -> Enrollment:
    return user.enrollments.get()


def set_dates(**values: datetime) -> Door:
    return lambda user: enrolling.change(held(user), values, actor=None, now=NOW)


DOORS: dict[str, Door] = {
    "ending the role": lambda user: enrolling.end(held(user), actor=None, now=NOW),
    "ending it by oneself": lambda user: granting.end(user, [held(user).pk], actor=user, now=NOW),
    "an end in the past": set_dates(ends_at=NOW - timedelta(days=1)),
    "an end in the future": set_dates(ends_at=LATER),
    "a start in the future": set_dates(starts_at=LATER),
    "giving it again, until a day": lambda user: granting.give(
        user, held(user).role, held(user).account, until=LATER, actor=user, now=NOW
    ),
    "switching the person off": lambda user: enrolling.set_active(user, False, actor=None, now=NOW),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
def test_no_door_takes_it_from_the_last_person(school: School, door: Door) -> None:
    with pytest.raises(Denied) as denied:
        door(school.admin)

    assert denied.value.why == Why.NOBODY_LEFT
    assert keepers(NOW).for_good == {school.admin.pk}
    assert User.objects.get(pk=school.admin.pk).is_active


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
def test_every_door_is_open_while_somebody_else_has_it(school: School, door: Door) -> None:
    second = person("second")
    enroll(second, role(Base.TA, "Steward", tuple(Permission)), school.root)

    door(school.admin)

    assert keepers(NOW).for_good == {second.pk}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
def test_whoever_never_had_it_goes_through_every_door(school: School, door: Door) -> None:
    door(school.arts_admin)

    assert keepers(NOW).now == {school.admin.pk}


@pytest.mark.parametrize(
    ("changes", "enrolled"),
    [
        ({}, {"ends_at": LATER}),
        ({}, {"state": EnrollmentState.COMPLETED}),
        ({}, {"ends_at": NOW}),
        ({}, {"starts_at": LATER}),
        ({"is_active": False}, {}),
    ],
    ids=["until a day", "held once", "till just now", "not yet", "switched off"],
)
def test_who_has_it_not_for_good_is_nobody_to_leave_it_to(
    school: School, changes: dict[str, bool], enrolled: dict[str, object]
) -> None:
    enroll(person("second", **changes), role(Base.ADMIN), school.root, **enrolled)  # type: ignore[arg-type]

    with pytest.raises(Denied):
        enrolling.end(held(school.admin), actor=None, now=NOW)


def test_a_right_below_the_root_is_not_the_one(school: School) -> None:
    assert keepers(NOW).now == {school.admin.pk}
    assert Permission.POLICY_EDIT in role(Base.ADMIN).permissions


def test_where_nobody_has_it_nothing_is_refused(school: School) -> None:
    Enrollment.objects.filter(user=school.admin).update(ends_at=LATER)
    assert enrolling.end(held(school.arts_admin), actor=None, now=NOW)
    with pytest.raises(Denied):
        enrolling.end(held(school.admin), actor=None, now=NOW)
    assert enrolling.end(held(school.admin), actor=None, now=LATER)


def test_the_role_itself_cannot_lose_the_right_while_the_last_person_has_it_by_that(school: School) -> None:
    steward = role(Base.ADMIN, "Steward", tuple(Permission))
    second = person("second")
    enroll(second, steward, school.root)
    enrolling.end(held(school.admin), actor=None, now=NOW)

    with pytest.raises(Denied) as denied:
        defining.change(steward, label="Steward", permissions=["users.view"], actor=second, now=NOW)

    assert denied.value.why == Why.NOBODY_LEFT
    steward.refresh_from_db()
    assert Permission.POLICY_EDIT in steward.permissions


@pytest.mark.parametrize(
    "files",
    [
        {"users.csv": "user_id,login_id,full_name,status\nu9,admin,Admin,suspended\n"},
        {"users.csv": "user_id,login_id,full_name,status\nu9,admin,Admin,deleted\n"},
        {
            "users.csv": "user_id,login_id,full_name,status\nu9,admin,Admin,active\n",
            "admins.csv": "user_id,account_id,role,status\nu9,,AccountAdmin,deleted\n",
        },
    ],
    ids=["suspended", "deleted", "role deleted"],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_no_roster_takes_it_from_the_last_person(
    school: School, tmp_path: Path, files: dict[str, str | bytes], dry_run: bool
) -> None:
    with pytest.raises(SisError, match="Nobody would be left"):
        load(write(tmp_path, files), dry_run=dry_run)

    assert keepers(NOW).for_good == {school.admin.pk}
    assert User.objects.get(pk=school.admin.pk).sis_user_id is None


def test_a_roster_may_hand_it_from_one_to_another(school: School, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "users.csv": "user_id,login_id,full_name,status\nu9,admin,Admin,suspended\nu8,new,New,active\n",
        "admins.csv": "user_id,account_id,role,status\nu8,,AccountAdmin,active\n",
    }
    load(write(tmp_path, files))

    assert keepers(NOW).for_good == {User.objects.get(login_id="new").pk}


def test_no_roster_closes_the_course_by_which_the_last_person_has_it(school: School, tmp_path: Path) -> None:
    school.history.account, school.history.sis_course_id = school.root, "c1"
    school.history.save()
    dean = person("dean")
    enroll(dean, role(Base.TEACHER, "Dean", (Permission.POLICY_EDIT,)), school.root, course=school.history)
    enrolling.end(held(school.admin), actor=None, now=NOW)

    row = "course_id,short_name,long_name,account_id,status\nc1,HIST 101,History,,completed\n"
    roster = write(tmp_path, {"courses.csv": row})
    with pytest.raises(SisError, match="Nobody would be left"):
        load(roster)

    assert keepers(NOW).for_good == {dean.pk}


# Two at once. One has done it and not committed yet; the other has to wait for that, and sees it then.


def in_a_thread(pool: ThreadPoolExecutor, act: Callable[[], object]) -> Future[object]:
    def run() -> object:
        try:
            return act()
        finally:
            connection.close()

    return pool.submit(run)


def wait_for_a_waiting_lock() -> None:
    """Until another connection waits for one; fails where none ever does."""
    until = monotonic() + 60
    with connection.cursor() as cursor:
        while monotonic() < until:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
            sleep(0.02)
    raise AssertionError("nobody waits")


def second_of(first: Callable[[], object], second: Callable[[], object]) -> BaseException | None:
    """What comes of the second, which begins when the first has done its work and has not committed it."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            waiting = in_a_thread(pool, second)
            wait_for_a_waiting_lock()
        return waiting.exception(timeout=60)


def two_admins() -> tuple[School, User]:
    school = School()
    second = person("second")
    enroll(second, role(Base.ADMIN), school.root)
    return school, second


@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_it_up_at_once_the_second_is_refused() -> None:
    school, second = two_admins()

    outcome = second_of(
        lambda: granting.end(school.admin, [held(school.admin).pk], actor=school.admin, now=NOW),
        lambda: granting.end(second, [held(second).pk], actor=second, now=NOW),
    )

    assert isinstance(outcome, Denied)
    assert keepers(NOW).for_good == {second.pk}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_remove_each_other_at_once_the_second_has_no_right_any_more() -> None:
    school, second = two_admins()

    outcome = second_of(
        lambda: granting.end(school.admin, [held(school.admin).pk], actor=second, now=NOW),
        lambda: granting.end(second, [held(second).pk], actor=school.admin, now=NOW),
    )

    assert isinstance(outcome, PermissionDenied)
    assert keepers(NOW).for_good == {second.pk}


@pytest.mark.django_db(transaction=True)
def test_of_one_switched_off_and_one_removed_at_once_one_stays() -> None:
    school, second = two_admins()

    outcome = second_of(
        lambda: enrolling.set_active(school.admin, False, actor=None, now=NOW),
        lambda: enrolling.end(held(second), actor=None, now=NOW),
    )

    assert isinstance(outcome, Denied)
    assert keepers(NOW).for_good == {second.pk}


@pytest.mark.django_db(transaction=True)
def test_a_role_loses_its_right_while_the_other_person_is_removed_and_one_stays() -> None:
    school = School()
    steward, second = role(Base.ADMIN, "Steward", tuple(Permission)), person("second")
    enroll(second, steward, school.root)

    outcome = second_of(
        lambda: defining.change(steward, label="Steward", permissions=[], actor=school.admin, now=NOW),
        lambda: enrolling.end(held(school.admin), actor=None, now=NOW),
    )

    assert isinstance(outcome, Denied)
    assert keepers(NOW).for_good == {school.admin.pk}


@pytest.mark.django_db(transaction=True)
def test_whoever_loses_nothing_waits_for_nobody() -> None:
    school, _second = two_admins()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        enrolling.end(held(school.admin), actor=None, now=NOW)
        beside = in_a_thread(pool, lambda: enrolling.end(held(school.teacher), actor=None, now=NOW))
        assert beside.result(timeout=60)
