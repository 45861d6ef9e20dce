"""Journeys by the school's own sign-in: who comes in, and who is told what."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.audit import AuditEvent
from accounts.claims.rules import Arrivals, Field
from accounts.models import User
from tests.cast import PASSWORD, School
from tests.pages.visits import client_of, text_of
from tests.signin.journey import Provider, Visitor, led_to

STUDENT = {"sub": "s-1", "preferred_username": "student"}


def refused(provider: Provider, **claims: Any) -> str:
    """The page that somebody gets who does not come in."""
    provider.know(visitor={"sub": "v-1", **claims})
    visitor = Visitor(provider, "visitor")
    answer = visitor.arrive()
    assert answer.status_code == 403
    assert not visitor.is_in
    return text_of(answer)


def why_refused() -> object:
    return AuditEvent.objects.get(action="session.refuse").after["why"]


def test_whom_the_provider_knows_is_in_and_where_they_wanted_to_go(school: School, provider: Provider) -> None:
    provider.know(student={"sub": "s-1", "preferred_username": "Student"})
    visitor = Visitor(provider, "student")
    answer = visitor.arrive("/tokens/new/?days=7")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tokens/new/?days=7")
    assert visitor.is_in
    line = AuditEvent.objects.get(action="session.begin")
    assert (line.person, line.after) == (school.student, {"ways": ["socialaccount"]})


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example"])
def test_the_way_back_never_leads_to_another_host(school: School, provider: Provider, elsewhere: str) -> None:
    provider.know(student=STUDENT)
    assert Visitor(provider, "student").arrive(elsewhere).headers["Location"] == "/tokens/"


def test_the_provider_is_asked_with_pkce_and_a_nonce_and_with_nothing_from_the_address(
    school: School, provider: Provider
) -> None:
    asked = {"auth_params": "prompt=none&redirect_uri=https://evil.example", "scope": "admin", "process": "connect"}
    led = led_to(Client().post("/login/school/?prompt=none", asked))
    query = parse_qs(urlsplit(led).query)
    assert query["code_challenge_method"] == ["S256"]
    assert {len(query["nonce"]), len(query["state"]), len(query["redirect_uri"])} == {1}
    assert set(query["scope"][0].split()) == {"openid", "profile", "email"}
    assert "evil" not in led
    assert "prompt" not in query


def test_a_stranger_is_told_what_to_do_and_stays_outside(school: School, provider: Provider) -> None:
    page = refused(provider, preferred_username="nobody")
    assert "nobody here is known" in page
    assert "Sign in as somebody else" in page
    [name, value] = re.findall(r'action="/login/school/">.*?name="(again)" value="(\w+)"', page, re.DOTALL)[0]
    assert parse_qs(urlsplit(led_to(Client().post("/login/school/", {name: value}))).query)["prompt"] == [
        "select_account"
    ]
    assert why_refused() == "stranger"


def test_who_is_switched_off_is_refused_and_told_so(school: School, provider: Provider) -> None:
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    assert "switched off" in refused(provider, preferred_username="student")
    assert why_refused() == "switched_off"
    assert AuditEvent.objects.get(action="session.refuse").person == school.student


def test_an_address_that_nobody_has_verified_lets_nobody_in(
    school: School, provider: Provider, settings: Settings
) -> None:
    settings.OIDC_ARRIVALS = Arrivals(claim="email", field=Field.EMAIL)
    claimed = {"sub": "s-1", "email": "student@school.example"}
    assert "not verified" in refused(provider, email="student@school.example", email_verified=False)
    assert "not verified" in refused(provider, email="student@school.example")
    provider.know(student={**claimed, "email_verified": True})
    visitor = Visitor(provider, "student")
    visitor.arrive()
    assert visitor.is_in


def test_a_claim_that_has_to_be_there_keeps_others_outside(
    school: School, provider: Provider, settings: Settings
) -> None:
    settings.OIDC_ARRIVALS = Arrivals("preferred_username", Field.LOGIN_ID, required=(("hd", "school.example"),))
    assert "may not use this portal" in refused(provider, preferred_username="student", hd="other.example")
    provider.know(student={**STUDENT, "hd": "school.example"})
    visitor = Visitor(provider, "student")
    visitor.arrive()
    assert visitor.is_in


def test_a_name_that_was_given_to_somebody_else_does_not_give_what_the_first_one_had(
    school: School, provider: Provider
) -> None:
    provider.know(student=STUDENT)
    Visitor(provider, "student").arrive()
    assert "somebody else" in refused(provider, preferred_username="student")
    assert why_refused() == "other_identity"


def test_somebody_new_is_made_where_the_school_wants_that(
    school: School, provider: Provider, settings: Settings
) -> None:
    settings.OIDC_ARRIVALS = Arrivals(creates=True)
    provider.know(
        new={"sub": "n-7", "preferred_username": "new", "name": "New Person", "email": "n@x.example"},
        taken={"sub": "n-8", "preferred_username": "student"},
    )
    visitor = Visitor(provider, "new")
    visitor.arrive()
    assert visitor.is_in
    made = User.objects.get(sis_user_id="n-7")
    assert (made.login_id, made.name, made.email, made.has_usable_password()) == ("new", "New Person", "", False)
    assert AuditEvent.objects.filter(action="person.add", person=made).exists()
    answer = Visitor(provider, "taken").arrive()
    assert answer.status_code == 403
    assert "somebody else's" in text_of(answer)


def test_whom_the_provider_does_not_name_stays_outside(school: School, provider: Provider) -> None:
    assert refused(provider)
    assert why_refused() == "no_claim"


def test_an_address_that_two_people_share_lets_neither_in(
    school: School, provider: Provider, settings: Settings
) -> None:
    settings.OIDC_ARRIVALS = Arrivals(claim="email", field=Field.EMAIL)
    User.objects.filter(pk=school.other_student.pk).update(email="Student@school.example")
    assert refused(provider, email="student@school.example", email_verified=True)
    assert why_refused() == "ambiguous"


@pytest.mark.parametrize("claims", [{}, {"preferred_username": "x" * 256}])
def test_nobody_is_made_whose_sign_in_name_is_not_said_or_too_long(
    school: School, provider: Provider, settings: Settings, claims: dict[str, str]
) -> None:
    settings.OIDC_ARRIVALS = Arrivals(creates=True)
    people = User.objects.count()
    assert refused(provider, **claims)
    assert why_refused() == "no_claim"
    assert User.objects.count() == people


def test_whoever_is_in_already_is_led_on_without_asking_the_provider(school: School, provider: Provider) -> None:
    answer = client_of(school.student).post("/login/school/", {"next": "/tokens/new/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tokens/new/")


def test_whoever_turns_back_at_the_provider_is_at_the_door_again(school: School, provider: Provider) -> None:
    visitor = Visitor(provider, "student")
    state = parse_qs(urlsplit(visitor.set_out()).query)["state"][0]
    answer = visitor.portal.get("/login/school/back/", {"error": "access_denied", "state": state})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/")


def test_without_a_provider_there_is_no_such_address_and_no_button(school: School) -> None:
    client = Client()
    assert [client.get(f"/login/school/{path}").status_code for path in ("", "back/")] == [404, 404]
    assert "/login/school/" not in text_of(client.get("/login/"))


def test_the_button_is_beside_the_password_and_keeps_where_one_wanted_to_go(school: School, provider: Provider) -> None:
    page = text_of(Client().get("/login/?next=/tokens/new/%3Fdays%3D7"))
    assert "Sign in with Example University" in page
    [form] = re.findall(r'<form class="stack" method="post" action="/login/school/">.*?</form>', page, re.DOTALL)
    assert '<input type="hidden" name="next" value="/tokens/new/?days=7">' in form
    assert 'name="password"' in page


def test_without_passwords_only_who_rules_the_school_may_use_one(
    school: School, provider: Provider, settings: Settings
) -> None:
    settings.PASSWORD_SIGN_IN = False
    assert 'name="password"' not in text_of(Client().get("/login/"))
    assert 'name="password"' in text_of(Client().get("/login/?password=1"))
    for login_id, status in (("student", 200), ("arts-admin", 200), ("admin", 302)):
        answer = Client().post("/login/", {"username": login_id, "password": PASSWORD})
        assert answer.status_code == status
    assert "do not belong together" in text_of(Client().post("/login/", {"username": "student", "password": PASSWORD}))
