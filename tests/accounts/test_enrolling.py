"""How roles come and go: recorded, told, and felt by the tokens in the same transaction."""

from datetime import timedelta

import pytest
from django.db import transaction

from accounts import enrolling
from accounts.audit import AuditEvent
from accounts.models import Enrollment, User
from accounts.roles import Base, EnrollmentState
from tests.cast import NOW, School, enroll, role, token


def lines(action: str) -> list[tuple[object, dict[str, object], dict[str, object]]]:
    """The lines of one action: person, before, after."""
    events = AuditEvent.objects.filter(action=action).order_by("id")
    return [(event.person, event.before, event.after) for event in events]


def test_a_role_given_is_in_the_trail(school: School) -> None:
    made = enrolling.enroll(school.outsider, role(Base.TA), school.history, actor=school.admin, now=NOW)

    assert (made.account, made.state) == (school.arts, "active")
    [(who, before, after)] = lines("enrollment.add")
    assert (who, before) == (school.outsider, {})
    assert after == {"role": role(Base.TA).pk, "course": school.history.pk, "state": "active"}


def test_a_role_held_before_is_taken_up_again(school: School) -> None:
    held = enroll(school.outsider, role(Base.TA), course=school.history, state=EnrollmentState.COMPLETED)

    again = enrolling.enroll(school.outsider, role(Base.TA), school.history, actor=None, now=NOW)

    assert again.pk == held.pk
    assert lines("enrollment.change") == [(school.outsider, {"state": "completed"}, {"state": "active"})]


def test_when_the_last_other_role_ends_the_tokens_come_under_the_cap_at_once(school: School) -> None:
    made = token(school.teacher, days=None).token

    assert enrolling.end(school.teacher.enrollments.get(), actor=school.admin, now=NOW)

    made.refresh_from_db()
    assert made.expires_at == NOW + timedelta(days=120)


def test_what_is_undone_with_the_transaction_shortens_no_token(school: School) -> None:
    made = token(school.teacher, days=None).token

    with transaction.atomic():
        enrolling.end(school.teacher.enrollments.get(), actor=None, now=NOW)
        transaction.set_rollback(True)

    made.refresh_from_db()
    assert made.expires_at is None
    assert lines("token.clamp") == []


def test_a_change_that_changes_nothing_leaves_no_line(school: School) -> None:
    enrollment = school.student.enrollments.get()

    assert not enrolling.change(enrollment, {"state": EnrollmentState.ACTIVE}, actor=None, now=NOW)
    assert lines("enrollment.change") == []


def test_dates_of_a_role_can_be_set(school: School) -> None:
    made = token(school.teacher, days=None).token
    enrollment = school.teacher.enrollments.get()

    enrolling.change(enrollment, {"ends_at": NOW - timedelta(days=1)}, actor=None, now=NOW)

    made.refresh_from_db()
    assert made.expires_at == NOW + timedelta(days=120)


def test_switching_a_person_off_and_on_is_in_the_trail(school: School) -> None:
    assert enrolling.set_active(school.student, False, actor=school.admin, now=NOW, reason="Left")
    assert not enrolling.set_active(school.student, False, actor=school.admin, now=NOW)
    assert enrolling.set_active(school.student, True, actor=school.admin, now=NOW)

    assert User.objects.get(pk=school.student.pk).is_active
    assert lines("person.deactivate") == [(school.student, {"is_active": True}, {"is_active": False})]
    assert lines("person.reactivate") == [(school.student, {"is_active": False}, {"is_active": True})]


def test_many_roles_are_given_at_once(school: School) -> None:
    people = [school.student, school.teacher, school.outsider]
    made = [
        Enrollment(user=who, role=role(Base.OBSERVER), account=school.arts, course=school.history) for who in people
    ]

    enrolling.add_many(made, actor=None, now=NOW)

    assert [who for who, _before, _after in lines("enrollment.add")] == people


@pytest.mark.django_db(transaction=True)
def test_news_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        enrolling.tell({1}, actor=None, now=NOW)
