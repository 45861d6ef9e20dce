"""`manage.py sign_in`."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.audit import AuditEvent
from accounts.claims.rules import Rule
from tests.cast import School
from tests.signin.journey import BACK, Provider, Visitor


def sign_in(*arguments: str) -> str:
    """Run it; return what it says."""
    said = StringIO()
    call_command("sign_in", *arguments, stdout=said)
    return said.getvalue()


def test_a_check_asks_the_provider_and_looks_up_what_is_named(school: School, provider: Provider) -> None:
    said = sign_in("check")
    assert f"{provider.issuer} answers" in said
    assert BACK in said


def test_a_check_finds_a_rule_that_names_nothing(school: School, provider: Provider, settings: Settings) -> None:
    settings.OIDC_ARRIVALS = replace(settings.OIDC_ARRIVALS, rules=(Rule("groups", "x", "Teacher", "NOWHERE"),))
    with pytest.raises(CommandError, match="NOWHERE"):
        sign_in("check")


def test_a_check_finds_another_issuer_and_one_that_is_not_there(
    school: School, provider: Provider, settings: Settings
) -> None:
    there = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    settings.OIDC_ISSUER = there["provider_id"] = "https://another.example"
    with pytest.raises(CommandError, match="calls itself"):
        sign_in("check")
    there["settings"]["server_url"] = "http://127.0.0.1:9"
    with pytest.raises(CommandError):
        sign_in("check")
    settings.OIDC_ISSUER = ""
    with pytest.raises(CommandError, match="OIDC_ISSUER"):
        sign_in("check")


def test_who_was_looked_into_may_come_anew_as_somebody_else(school: School, provider: Provider) -> None:
    provider.know(student={"sub": "s-1", "preferred_username": "student"})
    Visitor(provider, "student").arrive()
    provider.know(student={"sub": "s-2", "preferred_username": "student"})
    assert Visitor(provider, "student").arrive().status_code == 403
    assert "may come anew" in sign_in("forget", "STUDENT")
    assert Visitor(provider, "student").arrive().status_code == 302
    assert AuditEvent.objects.filter(action="session.forget", person=school.student).count() == 1


def test_forgetting_says_who_is_not_known(school: School) -> None:
    with pytest.raises(CommandError, match="Nobody") as nobody:
        sign_in("forget", "no-one")
    assert nobody.value.returncode == 2
    with pytest.raises(CommandError, match="has not come"):
        sign_in("forget", "student")
