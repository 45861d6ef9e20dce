"""Signing in and out."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from accounts.audit import AuditEvent
from accounts.models import User
from tests.cast import PASSWORD, School
from tests.pages.visits import client_of, text_of


def test_a_name_and_its_password_open_ones_own_tokens(school: School) -> None:
    answer = Client().post("/login/", {"username": "STUDENT", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/tokens/", 302)]
    assert "My access tokens" in text_of(answer)


def test_signing_in_begins_a_session_with_a_key_of_its_own(school: School) -> None:
    client = client_of(school.student)
    before = client.cookies["sessionid"].value
    client.post("/logout/")
    client.cookies["sessionid"] = before  # as somebody would who wants to know the key beforehand
    client.post("/login/", {"username": "student", "password": PASSWORD})
    assert client.cookies["sessionid"].value not in ("", before)
    assert not Session.objects.filter(session_key=before).exists()


def test_the_trail_says_who_signed_in_and_how(school: School) -> None:
    Client().post("/login/", {"username": "student", "password": PASSWORD})
    line = AuditEvent.objects.get(action="session.begin")
    assert (line.actor, line.person, line.after) == (school.student, school.student, {"ways": ["password"]})
    assert "Signed in" in text_of(client_of(school.admin).get("/audit/"))


def test_nothing_of_django_allauth_has_an_address_of_its_own(school: School) -> None:
    for path in ("accounts/login", "accounts/signup", "signup", "2fa", "3rdparty", "password/reset", "oidc/x/login"):
        assert Client().get(f"/{path}/").status_code == 404
        assert client_of(school.admin).post(f"/{path}/").status_code == 404


def test_after_signing_in_one_is_where_one_wanted_to_go(school: School) -> None:
    client = Client()
    asked = client.get("/tokens/new/?days=7")
    assert asked.headers["Location"] == "/login/?next=/tokens/new/%3Fdays%3D7"
    assert 'name="next" value="/tokens/new/?days=7"' in text_of(client.get(asked.headers["Location"]))
    answer = client.post("/login/", {"username": "student", "password": PASSWORD, "next": "/tokens/new/?days=7"})
    assert answer.headers["Location"] == "/tokens/new/?days=7"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_signing_in_never_leads_to_another_host(school: School, elsewhere: str) -> None:
    answer = Client().post("/login/", {"username": "student", "password": PASSWORD, "next": elsewhere})
    assert answer.headers["Location"] == "/tokens/"


@pytest.mark.parametrize(("login_id", "password"), [("student", "wrong"), ("nobody", PASSWORD), ("student", "")])
def test_a_wrong_password_says_the_same_as_a_wrong_name(school: School, login_id: str, password: str) -> None:
    answer = Client().post("/login/", {"username": login_id, "password": password})
    assert answer.status_code == 200
    assert "sessionid" not in answer.cookies
    assert "do not belong together" in text_of(answer) or not password


def test_whoever_is_switched_off_cannot_sign_in(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    answer = Client().post("/login/", {"username": "student", "password": PASSWORD})
    assert "do not belong together" in text_of(answer)


def test_the_sixth_attempt_is_refused_with_the_time_to_try_again(school: School) -> None:
    client = Client()
    answers = [client.post("/login/", {"username": "student", "password": "wrong"}) for _ in range(6)]
    last = client.post("/login/", {"username": "student", "password": PASSWORD})
    assert [answer.status_code for answer in answers[:4]] == [200] * 4
    assert last.status_code == 429
    assert last.headers["Retry-After"] == "900"
    assert "for 15 minutes" in text_of(last)
    assert client.post("/login/", {"username": "STUDENT", "password": PASSWORD}).status_code == 429
    other = client.post("/login/", {"username": "teacher", "password": PASSWORD})
    assert other.status_code == 302


def test_signing_out_needs_a_post_and_ends_the_session(school: School) -> None:
    client = client_of(school.student)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/tokens/").status_code == 302


def test_the_theme_is_remembered_by_the_browser(school: School) -> None:
    client = client_of(school.student)
    assert client.post("/theme/", {"theme": "dark", "next": "/tokens/"}).headers["Location"] == "/tokens/"
    assert 'data-theme="dark"' in text_of(client.get("/tokens/"))
    client.post("/theme/", {"theme": "", "next": "//evil.example"})
    assert "data-theme" not in text_of(client.get("/tokens/"))


def test_forms_are_taken_from_the_address_of_the_portal_where_a_proxy_leaves_out_its_port(
    school: School, settings: Settings
) -> None:
    portal = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', portal.get("/login/").content.decode())
    assert token
    form = {"csrfmiddlewaretoken": token[1], "username": "student", "password": PASSWORD}
    assert portal.post("/login/", form, headers={"origin": "http://localhost:9"}).status_code == 403
    assert portal.post("/login/", form, headers={"origin": settings.PUBLIC_URL}).status_code == 302
