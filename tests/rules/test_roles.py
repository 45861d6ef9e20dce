"""What roles amount to: values in, values out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.roles import Base, EnrollmentState, Grant, Permission, Standing, may_act_on, may_give, standing_of

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ROOT, ARTS, HISTORY, SCIENCE = (1,), (1, 2), (1, 2, 5), (1, 3)
VIEW, CREATE, DELETE, EDIT = (
    Permission.TOKENS_VIEW,
    Permission.TOKENS_CREATE,
    Permission.TOKENS_DELETE,
    Permission.POLICY_EDIT,
)


def grant(base: Base, *permissions: Permission, path: tuple[int, ...] = ROOT, **fields: Any) -> Grant:
    return Grant(base, base.value, frozenset(permissions), path, **fields)


def standing(*grants: Grant) -> Standing:
    return Standing(grants)


def test_a_role_lies_in_the_account_at_the_end_of_its_path() -> None:
    assert grant(Base.TEACHER, path=HISTORY).account_id == 5


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, True),
        ({"open": False}, False),
        ({"state": EnrollmentState.COMPLETED}, False),
        ({"state": EnrollmentState.INACTIVE}, False),
        ({"state": EnrollmentState.DELETED}, False),
        ({"starts_at": NOW}, True),
        ({"starts_at": NOW + SECOND}, False),
        ({"ends_at": NOW + SECOND}, True),
        ({"ends_at": NOW}, False),
        ({"starts_at": NOW - SECOND, "ends_at": NOW + SECOND}, True),
        ({"starts_at": NOW + SECOND, "ends_at": NOW + 2 * SECOND}, False),
    ],
)
def test_an_enrollment_counts_from_its_start_to_just_before_its_end(fields: dict[str, Any], counts: bool) -> None:
    held = grant(Base.TEACHER, **fields)
    assert held.counts(NOW) is counts
    assert standing_of([held], now=NOW).grants == ((held,) if counts else ())


def test_only_the_roles_that_count_make_a_standing() -> None:
    over, held = grant(Base.TEACHER, ends_at=NOW), grant(Base.STUDENT)
    assert standing_of([over, held], now=NOW) == standing(held)


def test_bases_are_named_once_each_in_the_order_of_the_alphabet() -> None:
    found = standing(grant(Base.TEACHER), grant(Base.STUDENT), grant(Base.TEACHER, path=ARTS))
    assert found.bases == {Base.TEACHER, Base.STUDENT}
    assert found.base_names == ("student", "teacher")


def test_a_person_is_listed_under_the_role_that_says_most_about_them() -> None:
    student, teacher, admin = grant(Base.STUDENT), grant(Base.TEACHER), grant(Base.ADMIN)
    assert standing(student, teacher).chief is teacher
    assert standing(teacher, admin, student).chief is admin
    assert standing(student, grant(Base.OBSERVER)).chief == grant(Base.OBSERVER)


def test_whoever_has_no_role_is_listed_under_none() -> None:
    assert standing().chief is None


def test_rights_of_all_roles_add_up() -> None:
    found = standing(grant(Base.ADMIN, VIEW, path=ARTS), grant(Base.ADMIN, DELETE, path=SCIENCE), grant(Base.STUDENT))
    assert found.permissions == {VIEW, DELETE}
    assert standing().permissions == frozenset()


@pytest.mark.parametrize(
    ("home", "held"),
    [(ROOT, set()), (ARTS, {VIEW}), (HISTORY, {VIEW, DELETE}), ((1, 2, 6), {VIEW}), (SCIENCE, set())],
)
def test_rights_are_held_over_the_subtree_of_the_account(home: tuple[int, ...], held: set[Permission]) -> None:
    found = standing(grant(Base.ADMIN, VIEW, path=ARTS), grant(Base.ADMIN, DELETE, path=HISTORY))
    assert found.permissions_over(home) == held


def test_accounts_are_named_in_which_a_right_is_held() -> None:
    found = standing(
        grant(Base.ADMIN, VIEW, path=ARTS), grant(Base.ADMIN, DELETE, path=HISTORY), grant(Base.ADMIN, VIEW, DELETE)
    )
    assert found.accounts_with(VIEW) == {1, 2}
    assert found.accounts_with(DELETE) == {1, 5}
    assert found.accounts_with(EDIT) == frozenset()


def test_nobody_acts_without_the_very_right() -> None:
    target = standing(grant(Base.STUDENT, path=ARTS))
    assert may_act_on(standing(grant(Base.ADMIN, VIEW)), target, ARTS, VIEW)
    assert not may_act_on(standing(grant(Base.ADMIN, VIEW)), target, ARTS, DELETE)
    assert not may_act_on(standing(), target, ARTS, VIEW)


def test_nobody_acts_where_they_hold_no_role() -> None:
    target = standing(grant(Base.STUDENT, path=ARTS))
    assert not may_act_on(standing(grant(Base.ADMIN, VIEW, path=SCIENCE)), target, ARTS, VIEW)


def test_nobody_acts_on_who_holds_rights_that_they_lack_there() -> None:
    target = standing(grant(Base.ADMIN, VIEW, DELETE, path=ARTS))
    assert may_act_on(standing(grant(Base.ADMIN, VIEW, DELETE)), target, ARTS, VIEW)
    assert not may_act_on(standing(grant(Base.ADMIN, VIEW)), target, ARTS, VIEW)
    elsewhere = standing(grant(Base.ADMIN, VIEW, path=ARTS), grant(Base.ADMIN, DELETE, path=SCIENCE))
    assert not may_act_on(elsewhere, target, ARTS, VIEW)


def test_roles_are_given_by_who_edits_the_policy_there_and_holds_all_that_they_give() -> None:
    giver = standing(grant(Base.ADMIN, EDIT, VIEW, path=ARTS))
    assert may_give(giver, frozenset({VIEW}), HISTORY)
    assert may_give(giver, frozenset({VIEW, EDIT}), ARTS)
    assert may_give(giver, frozenset(), ARTS)
    assert not may_give(giver, frozenset({DELETE}), ARTS)
    assert not may_give(giver, frozenset({VIEW}), SCIENCE)
    assert not may_give(standing(grant(Base.ADMIN, VIEW)), frozenset({VIEW}), ARTS)
