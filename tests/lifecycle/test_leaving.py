"""Whoever is switched off takes their tokens along: nothing works, nothing waits, nothing comes back with them."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import enrolling
from accounts.audit import AuditEvent
from accounts.models import User
from policies.refusals import Code, Refused
from tests.accounts.roster import SMALL, load, write
from tests.cast import NOW, School, token
from tokens import lifecycle
from tokens.lifecycle import Change
from tokens.models import AccessToken, Notice, State

pytestmark = pytest.mark.django_db


def switch(school: School, *, on: bool) -> None:
    enrolling.set_active(school.student, on, actor=school.admin, now=NOW, reason="Left the school")


def states(owner: User) -> list[str]:
    return list(AccessToken.objects.filter(user=owner).order_by("pk").values_list("state", flat=True))


def test_what_works_is_suspended_and_what_waits_is_revoked_with_a_line_each(school: School) -> None:
    works, waits = token(school.student).token, token(school.student, actor=school.admin).token
    other = token(school.other_student).token

    switch(school, on=False)

    assert states(school.student) == [State.SUSPENDED, State.REVOKED]
    assert states(other.user) == [State.ACTIVE]
    lines = AuditEvent.objects.filter(action__in=("token.suspend", "token.revoke")).order_by("pk")
    assert [(line.action, line.subject_id, line.actor, line.reason) for line in lines] == [
        ("token.suspend", works.pk, school.admin, "Left the school"),
        ("token.revoke", waits.pk, school.admin, "Left the school"),
    ]
    waits.refresh_from_db()
    why = waits.revoked_by, waits.revoked_reason, waits.revoked_code
    assert why == (school.admin, "Left the school", "owner_left")


def test_they_are_told_once_that_their_access_has_ended(school: School) -> None:
    token(school.student), token(school.student)

    switch(school, on=False)

    [notice] = Notice.objects.filter(person=school.student)
    assert (notice.event, notice.facts) == ("person.deactivate", {"by": "Admin", "reason": "Left the school"})


def test_coming_back_revives_nothing_until_somebody_resumes_it(school: School) -> None:
    made = token(school.student).token
    switch(school, on=False)

    switch(school, on=True)

    assert states(school.student) == [State.SUSPENDED]
    assert lifecycle.resume(made, actor=school.admin, now=NOW).state == State.ACTIVE


def test_nothing_is_resumed_or_made_anew_while_its_owner_is_away(school: School) -> None:
    made = token(school.student).token
    switch(school, on=False)

    for verb in (lifecycle.resume, lifecycle.regenerate):
        with pytest.raises(Refused) as refused:
            verb(made, actor=school.admin, now=NOW)
        assert refused.value.code in {Code.INACTIVE_OWNER, Code.RESUME_FIRST}
    assert lifecycle.resume_many([made.pk], actor=school.admin, now=NOW) == []
    assert states(school.student) == [State.SUSPENDED]


def test_an_expired_token_gets_no_new_secret_while_its_owner_is_away(school: School) -> None:
    made = token(school.student, days=1).token
    lifecycle.expire_many(now=made.expires_at or NOW, most=10)
    switch(school, on=False)

    with pytest.raises(Refused) as refused:
        lifecycle.regenerate(made, Change(expires_at=made.expires_at), actor=school.admin, now=NOW)

    assert refused.value.code == Code.INACTIVE_OWNER


@pytest.mark.parametrize("waits", [False, True], ids=["active", "pending"])
def test_the_database_lets_nobody_back_in_with_a_token_that_would_work(school: School, waits: bool) -> None:
    token(school.student, actor=school.admin if waits else None)
    people = User.objects.filter(pk=school.student.pk)
    people.update(is_active=False)

    with pytest.raises(IntegrityError, match="come back to life"), transaction.atomic():
        people.update(is_active=True)

    switch(school, on=True)  # whoever comes by the door leaves it suspended, however they were switched off
    assert states(school.student) == [State.REVOKED if waits else State.SUSPENDED]


@pytest.mark.parametrize("status", ["suspended", "deleted"])
def test_a_roster_stops_the_tokens_of_who_left_and_says_how_many(tmp_path: Path, status: str) -> None:
    place = write(tmp_path / "roster", dict(SMALL))
    load(place)
    bob = User.objects.get(login_id="bsmith")
    token(bob), token(bob)
    write(place, {"users.csv": SMALL["users.csv"].replace("example,active", f"example,{status}")})

    assert load(place).report.stopped == 2
    assert states(bob) == [State.SUSPENDED] * 2
    assert [notice.event for notice in Notice.objects.filter(person=bob)] == ["person.deactivate"]

    write(place, dict(SMALL))
    assert load(place).report.stopped == 0
    assert User.objects.get(pk=bob.pk).is_active
    assert states(bob) == [State.SUSPENDED] * 2


def issue(school: School, _token: AccessToken) -> None:
    token(school.student)


def activate(school: School, made: AccessToken) -> None:
    lifecycle.activate(made, actor=school.student, now=NOW)


def regenerate(school: School, made: AccessToken) -> None:
    lifecycle.regenerate(made, actor=school.student, now=NOW)


@pytest.mark.parametrize("verb", [issue, activate, regenerate])
@pytest.mark.django_db(transaction=True)
def test_nothing_survives_that_comes_at_the_same_moment(
    school: School, verb: Callable[[School, AccessToken], None]
) -> None:
    made = token(school.student, actor=school.admin if verb is activate else None).token
    start = threading.Barrier(2)

    def at_once(act: Callable[[], None]) -> None:
        try:
            start.wait()
            act()
        except Refused:
            pass
        finally:
            connection.close()

    acts = [lambda: verb(school, made), lambda: switch(school, on=False)]
    both = [threading.Thread(target=at_once, args=[act]) for act in acts]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    assert not User.objects.get(pk=school.student.pk).is_active
    assert not AccessToken.objects.filter(user=school.student, state__in=(State.PENDING, State.ACTIVE)).exists()
