"""The census counts what the memberships of all people come to."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.census import Census, Shape
from accounts.models import Account, Course, OpenState, User
from accounts.people import memberships
from accounts.roles import Base, EnrollmentState, Permission
from accounts.tree import is_within
from tests.cast import NOW, School, enroll, person, role

ROLES = ((Base.STUDENT, "", ()), (Base.TA, "", ()), (Base.STUDENT, "Keeper", (Permission.TOKENS_CREATE,)))
HOW: tuple[dict[str, Any], ...] = (
    {},
    {"state": EnrollmentState.COMPLETED},
    {"ends_at": NOW},
    {"starts_at": NOW + timedelta(seconds=1)},
    {"starts_at": NOW, "ends_at": NOW + timedelta(seconds=1)},
)
# Each person: whether they may sign in, and what they hold: a role, a place, how.
people = st.lists(
    st.tuples(
        st.booleans(),
        st.lists(
            st.tuples(st.sampled_from(ROLES), st.integers(0, 6), st.sampled_from(HOW)),
            max_size=4,
            unique_by=lambda held: (held[0], held[1]),
        ),
    ),
    max_size=8,
)


def by_memberships(account: Account, kept: set[int], apart: set[int], labels: dict[str, int]) -> Counter[Shape]:
    """The same count, person by person; told apart are these people, and roles by their labels."""
    users = {user.pk: user for user in User.objects.all()}
    counts: Counter[Shape] = Counter()
    for user_id, found in memberships(users, now=NOW).items():
        if is_within(found.home, [account.pk]):
            grants = found.standing.grants
            roles = (
                (tuple(s for s in g.path if s in kept), g.base, g.permissions, labels.get(g.label)) for g in grants
            )
            counts[Shape(frozenset(roles), users[user_id].is_active, user_id if user_id in apart else None)] += 1
    return counts


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=people,
    keeping=st.sets(st.integers(0, 4)),
    apart=st.sets(st.integers(0, 7)),
    roles=st.sets(st.sampled_from(ROLES)),
)
def test_a_census_counts_what_memberships_say(
    db: None, people: list[Any], keeping: set[int], apart: set[int], roles: set[Any]
) -> None:
    with transaction.atomic():
        school = School()
        below = Account.objects.create_under(school.arts, name="History department")
        closed = Account.objects.create_under(school.arts, name="Closed", state=OpenState.COMPLETED)
        over = Course.objects.create(code="OLD", name="Old", account=school.arts, state=OpenState.COMPLETED)
        past = Course.objects.create(code="PAST", name="Past", account=school.arts, ends_at=NOW)
        accounts = [school.root, school.arts, school.science, below, closed]
        places: list[dict[str, Any]] = [*({"account": each} for each in accounts), {"course": over}, {"course": past}]
        told_apart = set()
        for number, (is_active, held) in enumerate(people):
            user = person(f"p{number}", is_active=is_active)
            told_apart |= {user.pk} if number in apart else set()
            for kind, place, how in held:
                enroll(user, role(*kind), **places[place], **how)
        labels = {role(*kind).label: role(*kind).pk for kind in roles}
        for account in accounts[:4]:
            kept = {accounts[n].pk for n in keeping} | set(account.path)
            census = Census.of(account, keeping=kept, people=told_apart, roles=labels.values(), now=NOW)
            assert census.count() == by_memberships(account, kept, told_apart, labels)
        transaction.set_rollback(True)


def test_the_home_of_a_shape_is_the_home_of_its_people_as_far_as_it_matters(school: School) -> None:
    both = person("both")
    enroll(both, role(Base.STUDENT), Account.objects.create_under(school.arts, name="History"))
    enroll(both, role(Base.STUDENT), Account.objects.create_under(school.arts, name="Music"))
    census = Census.of(school.root, keeping=[school.arts.pk], now=NOW)
    homes = {shape.membership(census.root).home for shape in census.count() if len(shape.roles) == 1}
    assert homes == {(school.root.pk,), (school.root.pk, school.arts.pk)}


def test_a_census_takes_three_queries_however_many_people(school: School, django_assert_num_queries: Any) -> None:
    for number in range(30):
        enroll(person(f"p{number}"), role(Base.STUDENT), course=school.history)
    with django_assert_num_queries(3):
        Census.of(school.root, keeping=[], now=NOW).count()
