"""Owners are told of an emergency stop, each once; and that it was lifted, if they have read of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Base
from tests.cast import NOW, School, enroll, person, role, token
from tokens import emergency, lifecycle, notifications, tasks
from tokens.emergency import target_of, telling
from tokens.events import PauseEvent
from tokens.models import AccessToken, Notice, Pause, PausedToken
from tokens.stops import Whom

STUDENTS = ["other-student", "s0", "s1", "student"]


@pytest.fixture(autouse=True)
def batches_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "BATCH", 2)


@pytest.fixture
def made(school: School) -> Pause:
    """A pause of all students, of whom four hold a token."""
    for user in (school.student, school.other_student, *(_student(f"s{n}") for n in range(2))):
        token(user, purpose=f"Of {user.login_id}", days=20)
    _student("without")
    token(school.teacher)
    return _pause(school)


def _student(login: str) -> User:
    user = person(login)
    enroll(user, role(Base.STUDENT))
    return user


def _pause(school: School, words: str = "Do not panic.", actor: User | None = None) -> Pause:
    target = target_of(None, Whom.ROLE, account=school.root, base=Base.STUDENT)
    return emergency.pause(target, reason_code="leaked", words=words, actor=actor or school.admin, now=NOW)


def tell(made: Pause) -> int:
    return sum(emergency.tell_in_batches(made.pk, clock=lambda: NOW))


def untell(made: Pause) -> int:
    return sum(emergency.untell_in_batches(made.pk, clock=lambda: NOW))


def lift(made: Pause) -> None:
    emergency.lift(made, actor=None, now=NOW)


def told(event: PauseEvent = PauseEvent.ADD) -> list[str]:
    """The sign-ins of those who are owed a word, in the order in which it was written."""
    return list(Notice.objects.filter(event=event).order_by("pk").values_list("person__login_id", flat=True))


def read_mails() -> dict[str, str]:
    """Deliver what is owed; subjects and bodies by sign-in."""
    mail.outbox.clear()
    notifications.deliver(now=NOW)
    return {each.to[0].partition("@")[0]: f"{each.subject}\n{each.body}" for each in mail.outbox}


def test_each_owner_is_told_once_by_whom_which_tokens_are_paused(made: Pause) -> None:
    assert (tell(made), tell(made)) == (4, 0)
    assert sorted(told()) == STUDENTS
    made.refresh_from_db()
    assert (made.told, made.told_at) == (4, NOW)
    body = read_mails()["student"]
    assert body.startswith("Your access tokens are paused\n")
    assert "Admin has paused this access token of yours" in body
    assert "Of student" in body
    assert "Of other-student" not in body
    assert "Do not panic." in body
    assert "leaked" not in body.lower()


def test_a_run_that_dies_goes_on_where_its_last_whole_batch_ended(made: Pause, monkeypatch: pytest.MonkeyPatch) -> None:
    owe, calls = notifications.owe_each, []

    def dies(*arguments: Any, **named: Any) -> None:
        owe(*arguments, **named)
        calls.append(arguments)
        if len(calls) == 2:
            raise ConnectionError

    monkeypatch.setattr(notifications, "owe_each", dies)
    with pytest.raises(ConnectionError):
        tell(made)
    assert (len(told()), PausedToken.objects.count()) == (2, 2)
    monkeypatch.setattr(notifications, "owe_each", owe)
    assert tell(made) == 2
    assert sorted(told()) == STUDENTS
    assert PausedToken.objects.count() == 4


def test_the_database_lets_nobody_be_told_twice_and_no_token_be_listed_twice(made: Pause) -> None:
    tell(made)
    Pause.objects.update(told_to=0, told_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(made)
    PausedToken.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(made)
    assert sorted(told()) == STUDENTS


def test_who_has_read_of_it_is_told_that_it_is_lifted_and_nobody_else(made: Pause) -> None:
    next(emergency.tell_in_batches(made.pk, clock=lambda: NOW))
    read = set(read_mails())
    lift(made)
    assert tell(made) == 0
    assert (untell(made), untell(made)) == (len(read), 0)
    assert set(told()) == set(told(PauseEvent.LIFT)) == read
    assert PausedToken.objects.count() == 4
    mails = read_mails()
    assert set(mails) == read
    assert all(body.startswith("Your access tokens work again\n") for body in mails.values())
    made.refresh_from_db()
    assert (made.untold, made.untold_at) == (2, NOW)


def test_nobody_hears_of_a_pause_that_was_lifted_before_the_mail_went(made: Pause) -> None:
    tell(made)
    lift(made)
    assert untell(made) == 0
    assert read_mails() == {}


def test_the_word_that_it_is_lifted_survives_a_run_that_dies(made: Pause, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(made)
    read_mails()
    lift(made)
    next(emergency.untell_in_batches(made.pk, clock=lambda: NOW))
    owe = notifications.owe_each

    def dies(*arguments: Any, **named: Any) -> None:
        owe(*arguments, **named)
        raise ConnectionError

    monkeypatch.setattr(notifications, "owe_each", dies)
    with pytest.raises(ConnectionError):
        untell(made)
    assert len(told(PauseEvent.LIFT)) == 2
    monkeypatch.setattr(notifications, "owe_each", owe)
    assert untell(made) == 2
    assert sorted(told(PauseEvent.LIFT)) == STUDENTS


def test_a_second_pause_is_told_of_again(school: School, made: Pause) -> None:
    tell(made)
    read_mails()
    lift(made)
    untell(made)
    assert tell(_pause(school)) == 4


def test_the_mail_of_lifting_says_what_still_holds(school: School, made: Pause) -> None:
    tell(made)
    read_mails()
    lifecycle.revoke(school.other_student.tokens.get(), actor=school.other_student, now=NOW)
    emergency.pause(target_of(None, Whom.COURSE, course=school.history), reason="Again", actor=None, now=NOW)
    lift(made)
    untell(made)
    mails = read_mails()
    assert "Another emergency stop still holds your access tokens." in mails["student"]
    assert "None of the access tokens that it stopped is in use any more" in mails["other-student"]
    assert "This access token of yours is not paused any more:\n\n  - Of s0" in mails["s0"]


def test_whoever_paused_gets_no_mail_of_it_but_their_tokens_are_in_the_report(school: School) -> None:
    mine = token(school.admin).token
    made = emergency.pause(target_of(None, Whom.EVERYTHING), reason="Something", actor=school.admin, now=NOW)
    assert tell(made) == 0
    assert [line.token_id for line in PausedToken.objects.all()] == [mine.pk]


def test_tokens_that_ended_before_or_came_after_are_not_in_it_and_those_that_end_meanwhile_are(school: School) -> None:
    early, late, next_day = (token(school.student).token for _each in range(3))
    lifecycle.revoke(early, actor=school.student, now=NOW)
    AccessToken.objects.filter(pk=next_day.pk).update(created_at=NOW + timedelta(days=1))
    later = NOW + timedelta(seconds=1)
    made = emergency.pause(target_of(None, Whom.EVERYTHING), reason="Something", actor=None, now=later)
    lifecycle.revoke(late, actor=school.student, now=later + timedelta(seconds=1))
    tell(made)
    assert [line.token_id for line in PausedToken.objects.all()] == [late.pk]


def test_the_job_tells_counts_and_tells_of_the_lifting(school: School) -> None:
    token(school.student, now=timezone.now())
    target = target_of(None, Whom.EVERYTHING)
    made = emergency.pause(target, reason="Something", actor=None, now=timezone.now())
    assert [tasks.report_pauses() for _twice in range(2)] == [1, 0]
    notifications.deliver(now=timezone.now())
    emergency.lift(made, actor=None, now=timezone.now())
    assert [tasks.report_pauses() for _twice in range(2)] == [1, 0]
    made.refresh_from_db()
    assert made.measured_at is not None
