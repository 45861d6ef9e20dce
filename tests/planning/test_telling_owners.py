"""Owners are told of a change while it waits, each once; and that it was undone, if they have read of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Base
from policies import planning
from policies.ending import Existing
from policies.exemptions import exempt
from policies.models import PlannedChange, Stage
from tests.cast import NOW, School, enroll, person, role, token
from tests.planning.waiting import wait_for
from tokens import foretelling, notifications, tasks
from tokens.events import ChangeEvent
from tokens.models import Notice

DAY = timedelta(days=1)
EFFECT = NOW + 14 * DAY


@pytest.fixture(autouse=True)
def batches_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foretelling, "BATCH", 2)


@pytest.fixture
def change(school: School) -> PlannedChange:
    """A shorter student limit that waits; of five students, four hold a token that it shortens."""
    for user in (school.student, school.other_student, *(_student(f"s{n}") for n in range(2))):
        token(user, purpose=f"Of {user.login_id}", days=120)
    token(school.student, purpose="Soon over", days=20)
    token(_student("short"), days=20)
    token(school.teacher, days=None)
    return _shorter(school)


def _student(login: str) -> User:
    user = person(login)
    enroll(user, role(Base.STUDENT))
    return user


def _shorter(school: School, **terms: Any) -> PlannedChange:
    made = wait_for(school.root, {"student_cap_days": 30}, actor=school.admin, now=NOW, **terms)
    Notice.objects.filter(event="token.clamp").delete()
    return made


def tell(change: PlannedChange) -> int:
    return sum(foretelling.tell_in_batches(change.pk, now=NOW))


def untell(change: PlannedChange) -> int:
    return sum(foretelling.untell_in_batches(change.pk, now=NOW))


def told(event: ChangeEvent = ChangeEvent.PLAN) -> list[str]:
    """The sign-ins of those who are owed a word, in the order in which it was written."""
    return list(Notice.objects.filter(event=event).order_by("pk").values_list("person__login_id", flat=True))


def read_mails() -> dict[str, str]:
    """Deliver what is owed; the bodies by address."""
    mail.outbox.clear()
    notifications.deliver(now=NOW)
    return {each.to[0].partition("@")[0]: f"{each.subject}\n{each.body}" for each in mail.outbox}


def test_each_owner_is_told_once_which_tokens_end_when(change: PlannedChange) -> None:
    assert (tell(change), tell(change)) == (4, 0)
    assert sorted(told()) == ["other-student", "s0", "s1", "student"]
    body = read_mails()["student"]
    assert "1 access token of yours will end sooner" in body
    assert "Of student (ends 6 January 2027" in body
    assert "Soon over" not in body
    assert "On 7 December 2026" in body
    assert "/tokens/" in body


def test_a_run_that_dies_goes_on_where_its_last_whole_batch_ended(
    change: PlannedChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe, calls = notifications.owe_each, []

    def dies(*arguments: Any, **named: Any) -> None:
        owe(*arguments, **named)
        calls.append(arguments)
        if len(calls) == 2:
            raise ConnectionError

    monkeypatch.setattr(notifications, "owe_each", dies)
    with pytest.raises(ConnectionError):
        tell(change)
    change.refresh_from_db()
    first = told()
    assert (len(first), change.told_to) == (2, User.objects.get(login_id=first[-1]).pk)
    monkeypatch.setattr(notifications, "owe_each", owe)
    tell(change)
    assert sorted(told()) == ["other-student", "s0", "s1", "student"]


def test_the_database_lets_nobody_be_told_twice(change: PlannedChange) -> None:
    tell(change)
    PlannedChange.objects.update(told_to=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(change)
    assert len(told()) == 4


def test_who_has_read_of_it_is_told_that_it_was_undone_and_nobody_else(school: School, change: PlannedChange) -> None:
    next(foretelling.tell_in_batches(change.pk, now=NOW))
    read = set(read_mails())
    next(foretelling.tell_in_batches(change.pk, now=NOW))
    assert len(told()) > len(read) > 0
    planning.undo(change.pk, actor=school.admin, now=NOW)
    assert tell(change) == 0
    assert (untell(change), untell(change)) == (len(read), 0)
    assert set(told()) == set(told(ChangeEvent.UNDO)) == read
    mails = read_mails()
    assert set(mails) == read
    assert all("has been taken back" in body for body in mails.values())
    change.refresh_from_db()
    assert (change.stage, change.finished_at) == (Stage.UNDONE, NOW)


def test_the_word_that_it_was_undone_survives_a_run_that_dies(
    school: School, change: PlannedChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(change)
    read_mails()
    planning.undo(change.pk, actor=school.admin, now=NOW)
    next(foretelling.untell_in_batches(change.pk, now=NOW))
    owe = notifications.owe_each

    def dies(*arguments: Any, **named: Any) -> None:
        owe(*arguments, **named)
        raise ConnectionError

    monkeypatch.setattr(notifications, "owe_each", dies)
    with pytest.raises(ConnectionError):
        untell(change)
    assert len(told(ChangeEvent.UNDO)) == 2
    monkeypatch.setattr(notifications, "owe_each", owe)
    assert untell(change) == 2
    assert sorted(told(ChangeEvent.UNDO)) == sorted(told())


def test_planned_again_it_is_told_again(school: School, change: PlannedChange) -> None:
    tell(change)
    planning.undo(change.pk, actor=school.admin, now=NOW)
    untell(change)
    assert told() == []
    assert tell(_shorter(school)) == 4


def test_who_has_become_a_teacher_and_who_is_exempted_are_not_told(school: School, change: PlannedChange) -> None:
    enroll(school.student, role(Base.TEACHER), course=school.history)
    end = NOW + 180 * DAY
    exempt(school.other_student, school.arts, reason="A thesis", ends_at=end, actor=school.admin, now=NOW)
    tell(change)
    assert sorted(told()) == ["s0", "s1"]


def test_who_is_exempted_for_a_while_is_told_of_the_later_end(school: School, change: PlannedChange) -> None:
    end = EFFECT + 10 * DAY
    exempt(school.other_student, school.arts, reason="A thesis", ends_at=end, actor=school.admin, now=NOW)
    tell(change)
    [listed] = Notice.objects.get(person=school.other_student, event=ChangeEvent.PLAN).facts["tokens"]
    assert listed["expires_at"] == (end + 30 * DAY).isoformat()


def test_who_loses_the_right_to_create_is_told_if_they_hold_tokens(school: School) -> None:
    token(school.student, days=120)
    token(school.other_student, days=5)
    values = {"audience": "admins_only"}
    end = EFFECT + 30 * DAY
    token(school.teacher, days=20)
    change = wait_for(school.root, values, actor=school.admin, now=NOW, existing=Existing.END_ON, existing_end=end)
    assert tell(change) == 2
    mails = read_mails()
    assert "From 7 December 2026 on you cannot generate access tokens." in mails["student"]
    assert "From 7 December 2026 on you cannot generate access tokens" in mails["teacher"].partition("\n")[0]
    assert "The ones that you have keep working." in mails["teacher"]


def test_owners_of_tokens_that_are_to_be_revoked_read_that(school: School) -> None:
    token(school.student, purpose="Bot", days=120)
    values = {"audience": "no_students"}
    tell(wait_for(school.root, values, actor=school.admin, now=NOW, existing=Existing.REVOKE))
    body = read_mails()["student"]
    assert "1 access token of yours is revoked on 7 December 2026" in body
    assert "is refused from that moment on" in body


def test_without_grace_time_nobody_is_told_beforehand(school: School) -> None:
    token(school.student, days=120)
    change = _shorter(school, grace_days=0)
    assert tell(change) == 0
    assert foretelling.waiting(now=NOW) == []
    assert not Notice.objects.filter(event=ChangeEvent.PLAN).exists()


def test_the_job_tells_and_tells_of_the_undoing(school: School) -> None:
    now = timezone.now()
    token(school.student, days=120, now=now)
    change = wait_for(school.root, {"student_cap_days": 30}, actor=school.admin, now=now)
    assert [tasks.tell_of_changes() for _twice in range(2)] == [1, 0]
    read_mails()
    planning.undo(change.pk, actor=school.admin, now=now)
    assert [tasks.tell_of_changes() for _twice in range(2)] == [1, 0]


def test_planning_and_undoing_start_the_job(
    school: School, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    started: list[str] = []
    monkeypatch.setattr(tasks, "start_telling", lambda: started.append("job"))
    token(school.student, days=120)
    with django_capture_on_commit_callbacks(execute=True):
        change = _shorter(school)
    with django_capture_on_commit_callbacks(execute=True):
        planning.undo(change.pk, actor=school.admin, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        _shorter(school, grace_days=0)
    assert started == ["job", "job"]
