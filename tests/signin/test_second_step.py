"""Whoever has set up a second step takes it, by whichever way they come."""

from accounts.audit import AuditEvent
from tests.cast import School
from tests.mfa.phone import now_shows, set_up
from tests.signin.identity_provider import Answer, IdentityProvider
from tests.signin.journey import Provider, Visitor
from tests.signin.test_saml import Visitor as SamlVisitor


def ways() -> object:
    return AuditEvent.objects.get(action="session.begin").after["ways"]


def test_after_the_schools_sign_in_the_second_step_is_asked_for(school: School, provider: Provider) -> None:
    secret, _codes = set_up(school.student)
    provider.know(student={"sub": "s-1", "preferred_username": "student"})
    visitor = Visitor(provider, "student")
    assert visitor.arrive("/preferences/").headers["Location"] == "/login/code/"
    assert visitor.portal.get("/tokens/").status_code == 302
    answer = visitor.portal.post("/login/code/", {"code": now_shows(secret)})
    assert answer.headers["Location"] == "/preferences/"
    assert visitor.is_in
    assert ways() == ["socialaccount", "mfa"]


def test_after_saml_it_is_asked_for_too(school: School, idp: IdentityProvider) -> None:
    secret, _codes = set_up(school.student)
    visitor = SamlVisitor()
    answer = visitor.bring(idp.respond(Answer(visitor.set_out(), {"uid": ["student"]})))
    assert answer.headers["Location"] == "/login/code/"
    assert visitor.browser.get("/tokens/").status_code == 302
    visitor.browser.post("/login/code/", {"code": now_shows(secret)})
    assert visitor.is_in
