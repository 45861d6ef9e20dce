"""What somebody tries who has part of another's sign-in, or a provider that says what is not true."""

import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from tests.cast import School
from tests.pages.visits import text_of
from tests.signin.journey import Provider, Visitor, led_to

STUDENT = {"sub": "s-1", "preferred_username": "student"}


def assert_outside(visitor: Visitor, answer: HttpResponse) -> None:
    """Fail unless they are told to begin again, and are not in."""
    assert answer.status_code == 400
    assert "Begin again" in text_of(answer)
    assert not visitor.is_in


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=made-up", "?state=made-up&error=server_error"])
def test_what_no_browser_of_ours_has_asked_for_is_refused(school: School, provider: Provider, query: str) -> None:
    visitor = Visitor(provider, "student")
    visitor.set_out()
    assert_outside(visitor, visitor.portal.get(f"/login/school/back/{query}"))  # type: ignore[arg-type]


def test_the_answer_for_one_browser_lets_no_other_in(school: School, provider: Provider) -> None:
    provider.know(student=STUDENT)
    attacker, victim = Visitor(provider, "student"), Visitor(provider, "student")
    victim.set_out()
    way_back = attacker.come_back(attacker.set_out())
    assert_outside(victim, victim.portal.get(way_back))  # type: ignore[arg-type]


def test_the_same_answer_is_good_once(school: School, provider: Provider) -> None:
    provider.know(student=STUDENT)
    visitor = Visitor(provider, "student")
    way_back = visitor.come_back(visitor.set_out())
    assert visitor.portal.get(way_back).status_code == 302
    visitor.portal.post("/logout/")
    assert_outside(visitor, visitor.portal.get(way_back))  # type: ignore[arg-type]


def test_a_code_that_was_used_is_refused_with_a_fresh_state_too(school: School, provider: Provider) -> None:
    provider.know(student=STUDENT)
    visitor = Visitor(provider, "student")
    way_back = visitor.come_back(visitor.set_out())
    code = parse_qs(urlsplit(way_back).query)["code"][0]
    assert visitor.portal.get(way_back).status_code == 302
    other = Visitor(provider, "student", portal=Client())
    state = parse_qs(urlsplit(other.set_out()).query)["state"][0]
    answer = other.portal.get("/login/school/back/", {"code": code, "state": state})
    assert_outside(other, answer)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "forged",
    [
        {"nonce": "of another browser"},
        {"aud": "another-client"},
        {"aud": ["portal", "another-client"]},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3600},
        {"sub": "whom userinfo does not tell of"},
    ],
    ids="-".join,
)
def test_an_id_token_that_is_not_for_us_and_now_is_refused(
    school: School, provider: Provider, forged: dict[str, Any]
) -> None:
    provider.know(student={**STUDENT, "forged": forged})
    visitor = Visitor(provider, "student")
    assert_outside(visitor, visitor.arrive())
    provider.know(student=STUDENT)
    visitor.arrive()
    assert visitor.is_in


def test_the_key_of_the_provider_may_change_and_it_may_be_away(school: School, provider: Provider) -> None:
    """One journey, as starting a provider takes its time."""
    provider.know(student=STUDENT)
    visitor, late = Visitor(provider, "student"), Visitor(provider, "student")
    way_back = late.come_back(late.set_out())
    provider.stop()
    for answer in (visitor.portal.post("/login/school/"), late.portal.get(way_back)):
        assert answer.status_code == 424
        assert "does not answer just now" in text_of(answer)
    provider.new_key()
    provider.start()
    assert visitor.arrive().status_code == 302
    assert visitor.is_in


@pytest.mark.parametrize("moved", ["server_url", "jwks_uri", "token_endpoint", "userinfo_endpoint"])
def test_nothing_is_asked_where_a_provider_leads_on_to(
    school: School, provider: Provider, settings: Settings, moved: str
) -> None:
    provider.know(student=STUDENT)
    there = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]
    named = requests.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=60).json()
    named["server_url"] = f"{provider.issuer}/.well-known/openid-configuration"
    elsewhere = named[moved].replace("/o/", "/moved/")
    assert requests.get(elsewhere, allow_redirects=False, timeout=60).status_code == 307
    visitor = Visitor(provider, "student")
    way_back = visitor.come_back(visitor.set_out())
    overrides = {} if moved == "server_url" else {moved: elsewhere}
    there |= {"server_url": elsewhere} if moved == "server_url" else {"openid_configuration_overrides": overrides}
    assert_outside(visitor, visitor.portal.get(way_back))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("missing", "is_let_in"), [("userinfo_endpoint", True), ("jwks_uri", False), ("issuer", False)]
)
def test_a_provider_may_do_without_userinfo_and_not_without_keys_or_its_name(
    school: School, provider: Provider, settings: Settings, missing: str, is_let_in: bool
) -> None:
    provider.know(student=STUDENT)
    there = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]
    visitor = Visitor(provider, "student")
    way_back = visitor.come_back(visitor.set_out())
    there["server_url"] = f"{provider.url}/without/{missing}/.well-known/openid-configuration"
    answer: Any = visitor.portal.get(way_back)
    if is_let_in:
        assert visitor.is_in
    else:
        assert_outside(visitor, answer)


def test_keys_that_are_no_set_of_keys_let_nobody_in(school: School, provider: Provider, settings: Settings) -> None:
    provider.know(student=STUDENT)
    there = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]
    there["openid_configuration_overrides"] = {"jwks_uri": f"{provider.url}/no-keys/"}
    visitor = Visitor(provider, "student")
    assert_outside(visitor, visitor.arrive())


def test_a_provider_that_signs_nothing_lets_nobody_in(school: School, provider: Provider, settings: Settings) -> None:
    """Asked for no ID token, it sends an access token alone."""
    provider.know(student=STUDENT)
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    app["SCOPE"] = ["profile"]
    app["APPS"][0]["settings"]["scope"] = ["profile"]
    visitor = Visitor(provider, "student")
    assert_outside(visitor, visitor.arrive())


def test_nobody_adds_themselves(school: School, provider: Provider) -> None:
    request = Client().get("/login/").wsgi_request
    assert get_account_adapter().is_open_for_signup(request) is False
    assert get_adapter().is_open_for_signup(request, SocialLogin()) is False


def test_no_other_site_begins_a_session(school: School, provider: Provider) -> None:
    """By a link it leads to our button, and by a form of its own to nothing."""
    provider.know(student=STUDENT)
    portal = Client(enforce_csrf_checks=True)
    led = portal.get("/login/school/", {"next": "/tokens/new/?days=7", "again": "1"})
    assert (led.status_code, led.headers["Location"]) == (302, "/login/?next=%2Ftokens%2Fnew%2F%3Fdays%3D7")
    assert portal.get("/login/school/", {"next": "//evil.example"}).headers["Location"] == "/login/?next=%2Ftokens%2F"
    assert portal.post("/login/school/").status_code == 403
    assert "state" not in str(dict(portal.session))
    page = text_of(portal.get(led.headers["Location"]))
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    assert provider.issuer in led_to(portal.post("/login/school/", {"csrfmiddlewaretoken": token[1]}))
