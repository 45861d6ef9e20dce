"""Whoever signed in long ago is asked again before what weighs much, and then goes on with what they had typed."""

import re
import time
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.browsers import signed_in
from accounts.models import User
from tests.cast import PASSWORD, School
from tests.mfa.phone import now_shows, set_up
from tests.pages.visits import SECRET, client_of, key_in, text_of, token_of
from tokens.models import AccessToken

ASKED = 'name="proof_wanted"'
HOUR = 3600  # seconds


def after(seconds: float, person: User) -> Client:
    """A browser whose person signed in so long ago."""
    client = client_of(person)
    session = client.session
    session["proved_at"] = int(time.time() - seconds)
    session.save()
    return client


def hidden_in(answer: Any) -> dict[str, str]:
    """What the form that asks again keeps."""
    form = answer.content.decode().partition("data-sheet")[2]
    found = re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)">', form)
    return {name: unescape(text) for name, text in found}


@pytest.mark.parametrize(("seconds", "is_asked"), [(0, False), (HOUR - 60, False), (HOUR + 60, True)])
def test_an_hour_is_recent(school: School, seconds: float, is_asked: bool) -> None:
    page = text_of(after(seconds, school.student).get("/tokens/new/"))
    assert (ASKED in page, 'name="purpose"' in page) == (is_asked, not is_asked)


def test_the_school_says_how_long_and_may_ask_nobody(school: School, settings: Any) -> None:
    settings.RECENT_SIGN_IN_MINUTES = 5
    assert ASKED in text_of(after(6 * 60, school.student).get("/tokens/new/"))
    settings.RECENT_SIGN_IN_MINUTES = 0
    assert ASKED not in text_of(after(9 * HOUR, school.student).get("/tokens/new/"))


def test_a_session_from_before_this_was_noted_is_asked(school: School) -> None:
    client = client_of(school.student)
    session = client.session
    del session["proved_at"]
    session.save()
    assert ASKED in text_of(client.get("/tokens/new/"))


def test_the_password_leads_on_to_the_form_that_was_wanted(school: School) -> None:
    client = after(2 * HOUR, school.student)
    asked = client.get("/tokens/new/?purpose=Grades&days=7")
    assert 'action="/tokens/new/?purpose=Grades&amp;days=7"' in text_of(asked)
    answer = client.post("/tokens/new/?purpose=Grades&days=7", {**hidden_in(asked), "proof_password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tokens/new/?purpose=Grades&days=7")
    assert 'value="Grades"' in text_of(client.get(answer.headers["Location"]))
    line = AuditEvent.objects.get(action="session.confirm")
    assert (line.actor, line.after) == (school.student, {"ways": ["password"]})


def test_the_session_gets_another_name(school: School) -> None:
    client = after(2 * HOUR, school.student)
    before = client.session.session_key
    client.post("/tokens/new/", {"proof_wanted": "GET", "proof_password": PASSWORD})
    assert client.session.session_key != before
    assert [each.session_key for each in signed_in(now=timezone.now())] == [client.session.session_key]


def test_nothing_is_lost_of_a_form_that_took_too_long(school: School) -> None:
    client = client_of(school.student)
    typed = {"purpose": 'Grades "and" <b>more</b>', "key": key_in(client.get("/tokens/new/")), "days": "7"}
    session = client.session
    session["proved_at"] = int(time.time() - 2 * HOUR)
    session.save()
    asked = client.post("/tokens/new/", typed)
    assert ASKED in text_of(asked)
    assert not AccessToken.objects.exists()
    assert "Grades" not in str(dict(client.session))
    kept = hidden_in(asked)
    assert kept == {**typed, "proof_wanted": "POST"}
    answer = client.post("/tokens/new/", {**kept, "proof_password": PASSWORD})
    assert SECRET.search(text_of(answer))
    assert AccessToken.objects.get().purpose == typed["purpose"]


def test_whoever_was_recent_when_the_form_opened_has_a_quarter_of_an_hour(school: School) -> None:
    for seconds, is_asked in ((HOUR + 14 * 60, False), (HOUR + 16 * 60, True)):
        client = after(seconds, school.student)
        answer = client.post("/tokens/new/", {"purpose": "Grades", "key": "0" * 32})
        assert (ASKED in text_of(answer)) is is_asked


@pytest.mark.parametrize("said", [{"proof_password": "wrong"}, {"proof_password": ""}, {}, {"proof_code": "000000"}])
@pytest.mark.parametrize("wanted", ["GET", "POST", "", "HEAD"])
def test_without_a_good_proof_nobody_goes_on(school: School, said: dict[str, str], wanted: str) -> None:
    client = after(HOUR + 60, school.student)  # within the time that a form may take
    answer = client.post("/tokens/new/", {"proof_wanted": wanted, "purpose": "Grades", "key": "0" * 32, **said})
    assert answer.status_code == 200
    assert ASKED in text_of(answer)
    assert not AccessToken.objects.exists()
    assert ASKED in text_of(client.get("/tokens/new/"))


def test_wrong_passwords_are_counted_with_those_at_the_door(school: School) -> None:
    client = after(2 * HOUR, school.student)
    said = {"proof_wanted": "GET", "proof_password": "wrong"}
    answers = [client.post("/tokens/new/", said).status_code for _ in range(6)]
    assert answers[-1] == 429
    assert client.post("/tokens/new/", {**said, "proof_password": PASSWORD}).status_code == 429
    assert Client().post("/login/", {"username": "student", "password": PASSWORD}).status_code == 429


def test_a_code_will_do_once_for_whoever_has_an_app(school: School) -> None:
    secret, _paper = set_up(school.student)
    said = {"proof_wanted": "GET", "proof_code": now_shows(secret)}
    first, second = after(2 * HOUR, school.student), after(2 * HOUR, school.student)
    assert first.post("/tokens/new/", said).status_code == 302
    assert ASKED in text_of(second.post("/tokens/new/", said))
    assert AuditEvent.objects.get(action="session.confirm").after == {"ways": ["mfa"]}


def test_a_code_of_somebody_else_is_none(school: School) -> None:
    secret, _paper = set_up(school.teacher)
    set_up(school.student)
    client = after(2 * HOUR, school.student)
    assert ASKED in text_of(client.post("/tokens/new/", {"proof_wanted": "GET", "proof_code": now_shows(secret)}))


def test_whoever_has_no_password_signs_in_anew_and_comes_back(school: School) -> None:
    school.student.set_unusable_password()
    school.student.save()
    client = after(2 * HOUR, school.student)
    page = text_of(client.get("/tokens/new/?days=7"))
    assert "proof_password" not in page
    assert "/login/again/?next=%2Ftokens%2Fnew%2F%3Fdays%3D7" in page
    assert "Sign in anew?" in text_of(client.get("/login/again/?next=%2Ftokens%2Fnew%2F%3Fdays%3D7"))
    answer = client.post("/login/again/?next=%2Ftokens%2Fnew%2F%3Fdays%3D7")
    assert answer.headers["Location"] == "/login/?next=%2Ftokens%2Fnew%2F%3Fdays%3D7"
    assert client.get("/tokens/").status_code == 302


def test_signing_in_anew_never_leads_to_another_host(school: School) -> None:
    answer = client_of(school.student).post("/login/again/?next=https://evil.example/")
    assert answer.headers["Location"] == "/login/?next=%2Ftokens%2F"


def test_the_api_says_so_to_a_session_and_asks_no_bearer(school: School) -> None:
    made = token_of(school.student)
    path = f"/api/v1/users/self/tokens/{made.pk}"
    old = after(2 * HOUR, school.student)
    answer = old.put(path, {"token": {"regenerate": True}}, "application/json")
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "recent_sign_in_required"
    assert old.get(path).status_code == 200
    assert after(0, school.student).put(path, {"token": {"purpose": "New"}}, "application/json").status_code == 200


def test_reading_the_settings_asks_nobody_and_saving_them_does(school: School) -> None:
    client = after(2 * HOUR, school.admin)
    path = f"/accounts/{school.root.pk}/settings/"
    assert ASKED not in text_of(client.get(path))
    assert ASKED in text_of(client.post(path, {"audience": "no_students"}))


def test_ending_a_token_asks_nobody(school: School) -> None:
    made = token_of(school.student)
    client = after(9 * HOUR, school.student)
    assert client.post(f"/tokens/{made.pk}/revoke/", {}).status_code == 302
    made.refresh_from_db()
    assert made.state == "revoked"
