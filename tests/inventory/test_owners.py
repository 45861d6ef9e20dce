"""Whose tokens are looked for: of few people by the index, of many by a hash table, however many they are."""

from collections.abc import Iterable

import pytest

from accounts.models import Enrollment
from accounts.roles import Base
from tests.cast import School, endless_token, enroll, role
from tokens.inventory.reach import FEW, owned_by, owned_by_people
from tokens.models import AccessToken

MANY = 400_000  # with as many numbers PostgreSQL makes no hash table of a subquery, and compares each with each row


def array_of(numbers: Iterable[int]) -> str:
    return f"{{{','.join(map(str, numbers))}}}"


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize("people", [FEW + 1, MANY])
def test_of_many_people_no_number_is_compared_with_each_token(people: int) -> None:
    plan = AccessToken.objects.filter(owned_by_people(array_of(range(people)))).explain()
    assert "CASE WHEN (user_id = ANY ('{0,1,2," in plan
    assert "SubPlan" not in plan


def test_tokens_of_few_and_of_many_people_are_the_same(school: School) -> None:
    mine = endless_token(school.student)
    endless_token(school.teacher)
    for people in (1, FEW + 1):
        numbers = {school.student.pk, *range(10**9, 10**9 + people - 1)}
        assert list(AccessToken.objects.filter(owned_by_people(array_of(numbers)))) == [mine], people
    assert not AccessToken.objects.filter(owned_by_people("{}")).exists()


def test_somebody_with_many_roles_is_named_once(school: School) -> None:
    for course in (school.history, school.physics):
        enroll(school.student, role(Base.TA), course=course)
    held = Enrollment.objects.filter(user=school.student)
    assert held.count() > 1
    assert owned_by(held) == owned_by_people(f"{{{school.student.pk}}}")
