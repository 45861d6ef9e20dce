"""Who may answer requests is told that some wait: of each once, in at most one mail an hour."""

from datetime import datetime, timedelta

import pytest
from django.core import mail

from accounts import enrolling
from accounts.models import User
from accounts.roles import Base, Permission
from policies import settings
from tests.cast import NOW, School, enroll, person, role
from tokens import notifications, requests
from tokens.announcing import announce
from tokens.models import Notice, TokenRequest

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _approval_is_needed(school: School) -> None:
    settings.change(school.root, {"approval": "everyone"}, actor=school.admin, now=NOW)


def asked(asker: User, now: datetime = NOW, purpose: str = "Thesis data") -> TokenRequest:
    ends_at = now + timedelta(days=30)
    return requests.ask(asker, purpose=purpose, why="The lab", expires_at=ends_at, now=now)


def told() -> dict[str, int]:
    """Of how many new requests each person was told in all, by their sign-in name."""
    found: dict[str, int] = {}
    for notice in Notice.objects.filter(event="request.waiting").select_related("person"):
        found[notice.person.login_id] = found.get(notice.person.login_id, 0) + notice.facts["new"]
    return found


def test_everybody_who_may_answer_is_told_and_nobody_else(school: School) -> None:
    helpdesk = person("helpdesk")
    enroll(helpdesk, role(Base.ADMIN, "Help desk", (Permission.TOKENS_VIEW, Permission.USERS_VIEW)))
    asked(school.student)
    assert announce(now=NOW + MINUTE) == 2
    assert told() == {school.admin.login_id: 1, school.arts_admin.login_id: 1}


def test_nobody_is_told_of_their_own_request_or_of_one_they_may_not_answer(school: School) -> None:
    clerk = person("clerk")
    enroll(clerk, role(Base.ADMIN, "Clerk", (Permission.TOKENS_CREATE,)), school.arts)
    settings.change(school.root, {"approval": "everyone"}, actor=None, now=NOW)
    TokenRequest.objects.create(person=clerk, purpose="Mine", why="x", made_at=NOW)
    TokenRequest.objects.create(person=school.arts_admin, purpose="Of who has more rights", why="x", made_at=NOW)
    assert announce(now=NOW + MINUTE) == 2
    assert told() == {school.admin.login_id: 2, school.arts_admin.login_id: 1}


def test_whoever_may_sign_in_no_more_is_not_told(school: School) -> None:
    enrolling.set_active(school.arts_admin, False, actor=school.admin, now=NOW)
    asked(school.student)
    announce(now=NOW + MINUTE)
    assert told() == {school.admin.login_id: 1}


def test_of_many_that_come_at_once_there_is_one_mail_and_the_next_is_an_hour_away(school: School) -> None:
    for number in range(3):
        asked(school.student, purpose=f"Purpose {number}")
    assert announce(now=NOW + MINUTE) == 2
    asked(school.student, now=NOW + 2 * MINUTE, purpose="Later")
    assert announce(now=NOW + 30 * MINUTE) == 0
    assert announce(now=NOW + HOUR + MINUTE) == 2
    assert told() == {school.admin.login_id: 4, school.arts_admin.login_id: 4}
    assert announce(now=NOW + 9 * HOUR) == 0


def test_one_that_comes_while_others_are_announced_is_not_forgotten(school: School) -> None:
    asked(school.student)
    announce(now=NOW + MINUTE)
    asked(school.student, now=NOW + MINUTE / 2, purpose="Committed late")
    assert announce(now=NOW + HOUR + MINUTE) == 2
    assert told() == {school.admin.login_id: 2, school.arts_admin.login_id: 2}


def test_what_was_answered_meanwhile_is_not_told(school: School) -> None:
    requests.approve(asked(school.student), actor=school.arts_admin, now=NOW)
    assert announce(now=NOW + MINUTE) == 0


def test_the_mail_names_the_first_few_and_leads_to_the_queue(school: School) -> None:
    for number in range(4):
        asked(school.student, purpose=f"Purpose {number}")
    for number in range(3):
        asked(school.teacher, purpose=f"Of the teacher {number}")
    announce(now=NOW + MINUTE)
    notifications.deliver(now=NOW)
    sent = next(one for one in mail.outbox if one.to == [school.admin.email])
    assert sent.subject == "7 requests for access tokens wait for an answer"
    for words in (f"{school.student.name}: Purpose 3", "and 2 more", "/requests/", "at most once an hour"):
        assert words in str(sent.body)
    assert "{" not in str(sent.body)
