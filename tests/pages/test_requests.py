"""Requests where people meet them: asking, the queue, the answers, and the one look at the secret."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Base, Permission
from policies import settings
from tests.cast import School, enroll, role
from tests.pages.visits import SECRET, client_of, text_of, token_of
from tokens import requests
from tokens.models import AccessToken, RequestState, TokenRequest

DAY = timedelta(days=1)
ASKED = {"purpose": "Thesis data", "why": "The lab needs it", "days": "30"}


@pytest.fixture(autouse=True)
def _approval_is_needed(school: School) -> None:
    rule(school, approval="students")


def rule(school: School, **values: Any) -> None:
    settings.change(school.root, values, actor=school.admin, now=timezone.now())


def ask(person: User, **changes: Any) -> str:
    return text_of(client_of(person).post("/tokens/new/", {**ASKED, **changes}, follow=True))


def asked(person: User, **changes: Any) -> TokenRequest:
    ask(person, **changes)
    return TokenRequest.objects.latest("pk")


def desk_clerk(school: School) -> User:
    """Somebody who may make tokens for others, but not edit the policy."""
    enroll(school.teacher, role(Base.ADMIN, "Token desk", (Permission.TOKENS_CREATE,)))
    return school.teacher


def test_the_form_becomes_a_request_and_says_what_is_missing(school: School) -> None:
    assert "Ask for a token" in text_of(client_of(school.student).get("/tokens/"))
    page = ask(school.student, purpose="", why="", days="")
    assert "Purpose is required." in page
    assert "Say why." in page
    assert "Your request is sent." in ask(school.student)
    assert not AccessToken.objects.exists()
    [request] = TokenRequest.objects.all()
    assert (request.purpose, request.why, request.person) == ("Thesis data", "The lab needs it", school.student)


def counted_at_requests(person: User, path: str) -> str | None:
    """The number beside Requests in the navigation."""
    html = client_of(person).get(path).content.decode()
    [entry] = re.findall(r'<a href="/requests/[^>]*>(.*?)</a>', html, re.DOTALL)
    found = re.search(r'class="count">(\d+)<', entry)
    return found and found[1]


def test_the_navigation_counts_requests_where_there_are_any_and_nothing_else(school: School) -> None:
    for _each in range(3):
        token_of(school.teacher)
    assert [counted_at_requests(school.admin, path) for path in ("/people/", "/inventory/")] == [None, None]
    ask(school.student)
    assert [counted_at_requests(school.admin, path) for path in ("/people/", "/inventory/")] == ["1", "1"]


def test_whoever_needs_no_approval_has_the_form_as_it_was(school: School) -> None:
    assert "Why you need it" not in text_of(client_of(school.teacher).get("/tokens/new/"))
    path = f"/people/{school.student.pk}/new/"
    page = text_of(client_of(school.admin).post(path, {"purpose": "x", "days": "7"}))
    assert SECRET.search(page)


def test_the_asker_sees_what_waits_and_can_withdraw_it(school: School) -> None:
    request = asked(school.student)
    client = client_of(school.student)
    assert "It waits for an answer." in text_of(client.get("/tokens/"))
    page = text_of(client.post(f"/tokens/requests/{request.pk}/withdraw/", follow=True))
    assert "“Thesis data” is withdrawn." in page
    assert "does not wait for an answer any more" in text_of(
        client.post(f"/tokens/requests/{request.pk}/withdraw/", follow=True)
    )
    assert client_of(school.other_student).post(f"/tokens/requests/{request.pk}/withdraw/").status_code == 404


def test_the_queue_holds_the_facts(school: School) -> None:
    token_of(school.student, actor=school.admin)
    requests.turn_down(asked(school.student), actor=school.admin, now=timezone.now(), reason="Too broad")
    asked(school.student, purpose="Another try", scopes=["url:GET|/api/v1/users/:id"])
    page = " ".join(text_of(client_of(school.admin).get("/requests/")).split())
    for words in (
        "Another try",
        "The lab needs it",
        "Student",
        "Faculty of Arts",
        "at most 120 days away",
        "Read who you are",
        "last used: never",
        "1 earlier, 1 refused",
    ):
        assert words.lower() in page.lower(), words
    answered = text_of(client_of(school.admin).get("/requests/?state=answered"))
    assert "Too broad" in answered
    assert "Another try" not in answered


def test_the_navigation_counts_what_waits_for_whoever_answers(school: School) -> None:
    asked(school.student), asked(school.other_student)
    found = re.search(
        r'href="/requests/"[^>]*>.*?<span class="count">(\d+)', text_of(client_of(school.admin).get("/")), re.DOTALL
    )
    if found is None:
        found = re.search(
            r'href="/requests/"[^>]*>.*?<span class="count">(\d+)',
            text_of(client_of(school.admin).get("/tokens/")),
            re.DOTALL,
        )
    assert found
    assert found[1] == "2"
    assert "/requests/" not in text_of(client_of(school.student).get("/tokens/")).replace("/tokens/requests/", "")


def test_only_those_within_reach_are_seen_and_answered(school: School) -> None:
    request = asked(school.student)
    assert "Thesis data" in text_of(client_of(school.arts_admin).get("/requests/"))
    client = client_of(school.science_admin)
    assert "Nothing waits for an answer" in text_of(client.get("/requests/"))
    assert client.get(f"/requests/{request.pk}/").status_code == 404
    client.post(f"/requests/approve/?id={request.pk}")
    request.refresh_from_db()
    assert request.state == RequestState.OPEN
    assert client_of(school.student).get("/requests/").status_code == 403


def test_nobody_answers_somebody_with_rights_that_they_lack(school: School) -> None:
    rule(school, admin_cap_days=30, approval="nobody")
    clerk, now = desk_clerk(school), timezone.now()
    request = requests.ask(school.admin, purpose="x", why="y", expires_at=now + 60 * DAY, now=now)
    assert "Nothing waits for an answer" in text_of(client_of(clerk).get("/requests/"))
    assert client_of(clerk).get(f"/requests/{request.pk}/").status_code == 404
    assert "Nothing waits for an answer" in text_of(client_of(school.admin).get("/requests/"))


def test_an_end_is_shortened_and_the_owner_alone_sees_the_secret_once(school: School) -> None:
    request, day = asked(school.student), (timezone.now() + 5 * DAY).date()
    page = text_of(client_of(school.admin).post(f"/requests/{request.pk}/", {"until": day.isoformat()}, follow=True))
    assert "Approved. Student is told" in page
    assert not SECRET.search(page)
    path = f"/tokens/requests/{request.pk}/generate/"
    assert client_of(school.admin).post(path).status_code == 404
    client = client_of(school.student)
    assert "It ends earlier than you asked for" in text_of(client.get("/tokens/"))
    assert SECRET.search(text_of(client.post(path)))
    made = AccessToken.objects.get()
    assert made.expires_at is not None
    assert made.expires_at.date() == day
    again = text_of(client.post(path, follow=True))
    assert "was made already" in again
    assert not SECRET.search(again)
    assert AccessToken.objects.count() == 1


def test_a_later_end_than_was_asked_for_is_refused_beside_the_day(school: School) -> None:
    request, day = asked(school.student), (timezone.now() + 60 * DAY).date()
    page = text_of(client_of(school.admin).post(f"/requests/{request.pk}/", {"until": day.isoformat()}))
    assert 'id="id_until_error"' in page
    request.refresh_from_db()
    assert request.state == RequestState.OPEN


def test_many_are_refused_for_one_reason_that_each_asker_reads(school: School) -> None:
    ids = [asked(person).pk for person in (school.student, school.other_student)]
    path = f"/requests/refuse/?id={ids[0]}&id={ids[1]}"
    client = client_of(school.admin)
    assert "Say why." in text_of(client.post(path, {"reason": ""}))
    assert "Refused 2 requests." in text_of(client.post(path, {"reason": "Use the shared one"}, follow=True))
    assert "Use the shared one" in text_of(client_of(school.other_student).get("/tokens/"))


def test_many_are_approved_and_those_beyond_the_limit_stay(school: School) -> None:
    within, clerk = asked(school.student), desk_clerk(school)
    day = (timezone.now() + 200 * DAY).date().isoformat()
    beyond = asked(school.other_student, days="custom", until=day)
    path = f"/requests/approve/?id={within.pk}&id={beyond.pk}"
    client = client_of(clerk)
    assert "1 request stays" in text_of(client.get(path))
    page = text_of(client.post(path, follow=True))
    assert "Approved 1 request." in page
    assert "This is beyond the limit" in page
    assert "you may not edit their policy" in text_of(client.get(f"/requests/{beyond.pk}/"))


def test_whoever_wants_longer_than_the_limit_is_led_to_asking(school: School) -> None:
    rule(school, approval="nobody")
    client = client_of(school.student)
    assert "/tokens/ask/" in text_of(client.get("/tokens/new/"))
    day = (timezone.now() + 200 * DAY).date().isoformat()
    page = text_of(client.post("/tokens/ask/", {**ASKED, "days": "custom", "until": day}, follow=True))
    assert "Your request is sent." in page
    refused = text_of(client.post("/tokens/ask/", {**ASKED, "purpose": "Short", "days": "7"}, follow=True))
    assert "Nobody needs to approve this." in refused
    rule(school, longer_on_request=False)
    assert "/tokens/ask/" not in text_of(client.get("/tokens/new/"))


def test_the_choice_of_the_limit_is_the_limit_itself(school: School) -> None:
    request = asked(school.student, days="120")
    assert request.expires_at is not None
    assert abs(request.expires_at - request.made_at - 120 * DAY) < timedelta(seconds=5)


def test_the_school_s_own_words_stand_where_a_token_is_asked_for(school: School) -> None:
    rule(school, guidance_text="Ask the help desk first.")
    assert "Ask the help desk first." in text_of(client_of(school.student).get("/tokens/new/"))


def test_what_is_approved_at_once_is_said(school: School) -> None:
    rule(school, auto_approve_days=30)
    page = ask(school.student)
    assert "Approved at once. You can generate the token now." in page
    assert "Generate it now" in page


def test_the_trail_tells_of_requests_in_words(school: School) -> None:
    requests.approve(asked(school.student), actor=school.admin, now=timezone.now())
    page = text_of(client_of(school.admin).get("/audit/?kind=request"))
    for words in ("Asked for a token: Thesis data", "Request approved: Thesis data", "End approved"):
        assert words in page


@pytest.mark.parametrize("count", [1, 5])
def test_the_queue_asks_as_often_for_many_as_for_one(
    school: School, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        asked(school.student, purpose=f"Number {number}")
    client = client_of(school.admin)
    with django_assert_max_num_queries(16):
        client.get("/requests/")
