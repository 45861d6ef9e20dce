"""Home accounts, reach and rights."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.finding import search
from accounts.models import Account, User
from accounts.people import chiefs, find_person, homed_in, membership, memberships, reachable_by
from accounts.roles import CHIEF_FIRST, Base, EnrollmentState, Permission
from accounts.tree import Path, home_of, is_within
from tests.cast import NOW, School, enroll, person, role

paths = st.lists(st.integers(2, 4), max_size=4).map(lambda ids: (1, *ids))


@given(st.lists(paths, min_size=1, max_size=5))
def test_home_is_the_deepest_account_that_holds_all(held: list[Path]) -> None:
    home = home_of(held, root=(1,))
    assert all(path[: len(home)] == home for path in held)
    deeper = {path[: len(home) + 1] for path in held}
    assert len(deeper) > 1 or home in held


def test_home_without_roles_is_the_root() -> None:
    assert home_of([], root=(1,)) == (1,)
    assert is_within((1, 2, 3), [2])
    assert not is_within((1, 2, 3), [4])


STATES: tuple[dict[str, Any], ...] = (
    {},
    {"state": EnrollmentState.COMPLETED},
    {"ends_at": NOW},
    {"starts_at": NOW + timedelta(seconds=1)},
    {"ends_at": NOW + timedelta(seconds=1), "starts_at": NOW},
)


def test_the_database_and_the_tree_agree_on_whose_home_lies_where(school: School) -> None:
    below = Account.objects.create_under(school.arts, name="History department")
    places = [school.root, school.arts, school.science, below]
    number = 0
    for first in places:
        for second in (None, *places):
            for how in STATES:
                number += 1
                user = person(f"p{number}")
                enroll(user, role(Base.TEACHER), first, **how)
                if second is not None:
                    enroll(user, role(Base.STUDENT), second)
    closed = Account.objects.create_under(school.arts, name="Closed", state="deleted")
    enroll(person("in-closed"), role(Base.TEACHER), closed)
    for account in (*places, closed):
        by_tree = {user.pk for user in User.objects.all() if is_within(membership(user, now=NOW).home, [account.pk])}
        assert set(homed_in([account.pk], now=NOW).values_list("pk", flat=True)) == by_tree


def test_the_database_and_the_standing_agree_on_the_role_that_a_person_is_listed_under(school: School) -> None:
    bases = [role(base) for base in Base]
    for number, (first, second) in enumerate(product(bases, repeat=2)):
        user = person(f"p{number}")
        enroll(user, first, **STATES[number % len(STATES)])
        if first != second:
            enroll(user, second)
    known = memberships(User.objects.values_list("pk", flat=True), now=NOW)
    by_standing = {pk: each.standing.chief.base for pk, each in known.items() if each.standing.chief}
    assert {row["user_id"]: CHIEF_FIRST[row["rank"]] for row in chiefs(NOW)} == by_standing
    assert {*CHIEF_FIRST} == {*Base} == {*by_standing.values()}


def test_an_administrator_of_a_faculty_reaches_whom_it_alone_holds(school: School) -> None:
    enroll(school.other_student, role(Base.STUDENT), school.science)
    reached = reachable_by(school.arts_admin, Permission.TOKENS_VIEW, now=NOW)
    assert {user.login_id for user in reached} == {"student", "teacher", "arts-admin"}
    assert reachable_by(school.admin, Permission.TOKENS_VIEW, now=NOW).count() == User.objects.count()
    assert not reachable_by(school.teacher, Permission.TOKENS_VIEW, now=NOW).exists()


@pytest.mark.parametrize(
    ("actor", "target", "may"),
    [
        ("admin", "student", True),
        ("admin", "arts_admin", True),
        ("admin", "outsider", True),
        ("arts_admin", "student", True),
        ("arts_admin", "outsider", False),
        ("arts_admin", "admin", False),
        ("science_admin", "student", False),
        ("teacher", "student", False),
        ("student", "student", False),
    ],
)
def test_rights_are_good_in_the_subtree_of_the_account(school: School, actor: str, target: str, may: bool) -> None:
    first, second = (membership(getattr(school, name), now=NOW) for name in (actor, target))
    assert first.may(Permission.TOKENS_DELETE, second) == may


def test_nobody_acts_on_a_person_who_holds_rights_they_lack(school: School) -> None:
    revoker = person("revoker")
    enroll(revoker, role(Base.ADMIN, "Revoker", (Permission.TOKENS_VIEW, Permission.TOKENS_DELETE)))
    mine = membership(revoker, now=NOW)
    assert mine.may(Permission.TOKENS_DELETE, membership(school.student, now=NOW))
    assert not mine.may(Permission.TOKENS_DELETE, membership(school.arts_admin, now=NOW))
    assert mine.sees(Permission.TOKENS_VIEW, membership(school.arts_admin, now=NOW))


def test_a_person_is_named_by_number_self_or_sis_id(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(sis_user_id="S/1")
    viewer = school.teacher
    assert find_person("self", viewer=viewer) == viewer
    assert find_person(str(school.student.pk), viewer=viewer) == school.student
    assert find_person("sis_user_id:S/1", viewer=viewer) == school.student
    for reference in ("", "0", "-1", "9" * 30, "1e3", "١", "sis_user_id:", "sis_user_id:\x00", "student", "Self"):
        assert find_person(reference, viewer=viewer) is None


def test_people_are_found_by_name_sign_in_mail_and_sis_id(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(name="Ada King", email="lovelace@x.example", sis_user_id="S77")
    for term in ("ada", "KING", "STUD", "lovel", "s77"):
        assert school.student in search(User.objects.all(), term)
    assert not search(User.objects.all(), "%").exists()
