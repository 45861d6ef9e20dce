"""Sign-in by SAML: responses signed as a provider signs them, and what is wrong with others."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import Enrollment, User
from accounts.saml.toolkit import BadAnswer, provider_in
from tests.cast import School
from tests.pages.visits import client_of, text_of
from tests.signin.identity_provider import PORTAL, SSO, Answer, IdentityProvider, packed, request_in
from tests.signin.journey import led_to
from tests.webhooks.receiver import certify

STUDENT = {"uid": ["student"]}


@dataclass
class Visitor:
    """Somebody with a browser."""

    browser: Client = field(default_factory=Client)

    def set_out(self, **query: str) -> str:
        """Press the button; return the ID of what is asked of the provider."""
        led = led_to(self.browser.post("/login/saml/", query))
        assert led.startswith(f"{SSO}?")
        return request_in(led)

    def bring(self, response: str) -> Any:
        """Bring a response as the provider's form does, without cookies of ours, and follow where that leads."""
        answer = Client().post("/login/saml/acs/", {"SAMLResponse": packed(response)})
        return self.browser.get(answer.headers["Location"]) if answer.status_code == 302 else answer

    @property
    def is_in(self) -> bool:
        return self.browser.get("/tokens/").status_code == 200


def test_whom_the_provider_has_signed_in_is_in_and_where_they_wanted_to_go(
    school: School, idp: IdentityProvider
) -> None:
    visitor = Visitor()
    assert "Sign in with Example College" in text_of(visitor.browser.get("/login/"))
    asked = visitor.set_out(next="/tokens/new/?days=7")
    answer = visitor.bring(idp.respond(Answer(asked, STUDENT)))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tokens/new/?days=7")
    assert visitor.is_in


def test_attributes_give_roles_and_take_them_away(school: School, idp: IdentityProvider) -> None:
    for groups, roles in ((["staff", "choir"], {"Teacher"}), (["choir"], set())):
        visitor = Visitor()
        said = {"uid": ["outsider"], "urn:memberOf": groups, "memberOf": groups}
        visitor.bring(idp.respond(Answer(visitor.set_out(), said)))
        assert visitor.is_in
        held = Enrollment.objects.filter(user=school.outsider, state="active")
        assert set(held.values_list("role__label", flat=True)) == roles


def test_a_stranger_and_whoever_is_switched_off_are_turned_away(school: School, idp: IdentityProvider) -> None:
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    for name, words in (("student", "switched off"), ("nobody", "nobody here is known")):
        visitor = Visitor()
        answer = visitor.bring(idp.respond(Answer(visitor.set_out(), {"uid": [name]})))
        assert answer.status_code == 403
        assert words in text_of(answer)
        assert not visitor.is_in


def test_somebody_new_is_made_where_the_school_wants_that(
    school: School, idp: IdentityProvider, settings: Settings
) -> None:
    settings.SAML_ARRIVALS = replace(settings.SAML_ARRIVALS, creates=True)
    visitor = Visitor()
    said = {"uid": ["new"], "displayName": ["New Person"]}
    visitor.bring(idp.respond(Answer(visitor.set_out(), said)))
    assert visitor.is_in
    assert User.objects.get(login_id="new").name == "New Person"


WRONG: dict[str, Callable[[Answer], Answer]] = {
    "for another service": lambda answer: replace(answer, audience="https://other.example"),
    "to another address": lambda answer: replace(answer, recipient="https://other.example/acs"),
    "by another provider": lambda answer: replace(answer, issuer="https://evil.example"),
    "too old": lambda answer: replace(answer, lasts=timedelta(minutes=-6)),
    "that nobody has asked for": lambda answer: replace(answer, names_request=False),
    "to another request": lambda answer: replace(answer, asked="_of-another-browser"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_answer_that_is_not_for_us_and_now_is_refused(school: School, idp: IdentityProvider, wrong: str) -> None:
    visitor = Visitor()
    good = Answer(visitor.set_out(), STUDENT)
    answer = visitor.bring(idp.respond(WRONG[wrong](good)))
    assert answer.status_code == 400
    assert not visitor.is_in
    assert visitor.bring(idp.respond(good)).status_code == 302
    assert visitor.is_in


def altered(response: str) -> str:
    return response.replace(">student<", ">admin<")


def without_signature(response: str) -> str:
    start, end = response.index("<ds:Signature"), response.index("</ds:Signature>") + len("</ds:Signature>")
    return response[:start] + response[end:]


def wrapped(response: str) -> str:
    """The signed assertion stays, and one with another name stands before it."""
    start, end = response.index("<saml:Assertion"), response.index("</saml:Assertion>") + len("</saml:Assertion>")
    forged = altered(without_signature(response)[start:])
    forged = forged[: forged.index("</saml:Assertion>") + len("</saml:Assertion>")].replace('ID="_', 'ID="_f', 1)
    return response[:start] + forged + response[start:end] + response[end:]


@pytest.mark.parametrize("change", [altered, without_signature, wrapped, lambda _response: "<no/>", lambda _r: "no"])
def test_an_answer_that_was_changed_on_the_way_is_refused(
    school: School, idp: IdentityProvider, change: Callable[[str], str]
) -> None:
    visitor = Visitor()
    response = idp.respond(Answer(visitor.set_out(), STUDENT))
    changed = change(response)
    assert changed != response
    assert visitor.bring(changed).status_code == 400
    assert not visitor.is_in


def test_the_key_of_somebody_else_signs_nothing(school: School, idp: IdentityProvider) -> None:
    visitor = Visitor()
    answer = visitor.bring(IdentityProvider().respond(Answer(visitor.set_out(), STUDENT)))
    assert answer.status_code == 400


def test_the_same_answer_is_good_once_and_in_one_browser(school: School, idp: IdentityProvider) -> None:
    visitor, thief = Visitor(), Visitor()
    response = idp.respond(Answer(visitor.set_out(), STUDENT))
    thief.set_out()
    assert thief.bring(response).status_code == 400
    assert not thief.is_in
    assert visitor.bring(response).status_code == 302
    visitor.browser.post("/logout/")
    assert visitor.bring(response).status_code == 400
    assert not visitor.is_in


def test_what_no_form_has_brought_is_refused(school: School, idp: IdentityProvider) -> None:
    client = Client()
    assert client.post("/login/saml/acs/").status_code == 400
    assert client.post("/login/saml/acs/", {"SAMLResponse": "%%%"}).status_code == 400
    assert client.get("/login/saml/finish/?answer=made-up").status_code == 400
    assert client.get("/login/saml/acs/").status_code == 405


def test_the_portal_says_who_it_is(school: School, idp: IdentityProvider) -> None:
    answer = Client().get("/login/saml/metadata/")
    assert answer.status_code == 200
    assert f'entityID="{PORTAL}/login/saml/metadata/"' in text_of(answer)
    assert f'Location="{PORTAL}/login/saml/acs/"' in text_of(answer)
    call_command("sign_in", "check")


def test_a_provider_that_cannot_be_found_is_said_so(school: School, idp: IdentityProvider, settings: Settings) -> None:
    settings.SAML_METADATA = "https://127.0.0.1:9/metadata"
    assert Client().post("/login/saml/").status_code == 424
    assert Client().post("/login/saml/acs/", {"SAMLResponse": "x"}).status_code == 424
    settings.SAML_METADATA, settings.SAML_ENTITY_ID = __file__, "https://another.example"
    assert Client().post("/login/saml/").status_code == 424
    with pytest.raises(CommandError):
        call_command("sign_in", "check")


def test_whoever_is_in_already_is_led_on_without_asking_the_provider(school: School, idp: IdentityProvider) -> None:
    answer = client_of(school.student).post("/login/saml/", {"next": "/tokens/new/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tokens/new/")


def test_metadata_of_another_provider_are_not_those_of_the_schools(
    school: School, idp: IdentityProvider, settings: Settings
) -> None:
    settings.SAML_ENTITY_ID = "https://another.example"
    answer = Client().post("/login/saml/")
    assert answer.status_code == 424
    with pytest.raises(BadAnswer, match="is not in the provider's metadata"):
        provider_in(idp.metadata)


def test_without_a_provider_there_is_no_such_address(school: School) -> None:
    client = Client()
    assert {client.get(f"/login/saml/{path}").status_code for path in ("", "finish/", "metadata/")} == {404}
    assert client.post("/login/saml/acs/").status_code == 404


def test_no_other_site_begins_a_session(school: School, idp: IdentityProvider) -> None:
    portal = Client(enforce_csrf_checks=True)
    led = portal.get("/login/saml/", {"next": "/tokens/new/"})
    assert (led.status_code, led.headers["Location"]) == (302, "/login/?next=%2Ftokens%2Fnew%2F")
    assert portal.post("/login/saml/").status_code == 403


def test_metadata_are_read_where_the_settings_say_and_nowhere_else(
    school: School, idp: IdentityProvider, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            has_moved = self.path == "/moved"
            self.send_response(302 if has_moved else 200)
            self.send_header("Location", "/metadata")
            self.end_headers()
            self.wfile.write(b"" if has_moved else idp.metadata.encode())

        def log_message(self, *_words: object) -> None:
            pass

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    with HTTPServer(("localhost", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certify(tmp_path, "localhost"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        at = f"https://localhost:{server.server_port}"
        settings.SAML_METADATA = f"{at}/moved"
        assert Client().post("/login/saml/").status_code == 424
        assert asked == ["/moved"]
        settings.SAML_METADATA = f"{at}/metadata"
        assert led_to(Client().post("/login/saml/")).startswith(SSO)
        server.shutdown()
