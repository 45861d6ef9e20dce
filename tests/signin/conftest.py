"""The provider runs once; every test says whom it knows, and has a portal that is configured for it."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.claims.rules import Arrivals, Field, Rule
from tests.signin.journey import BACK, Provider
from tests.signin.provider import CLIENT_ID, SECRET
from tokenportal.settings.sign_in import providers

RULES = (
    Rule("groups", "staff", "Teacher"),
    Rule("groups", "it", "Account Admin"),
    Rule("realm_access.roles", "assistant", "TA"),
)


@pytest.fixture(scope="session")
def running_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """A provider with a key."""
    provider = Provider(tmp_path_factory.mktemp("provider"))
    provider.new_key()
    provider.know()
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def provider(running_provider: Provider, settings: Settings) -> Provider:
    """The provider of a school that knows its people by their sign-in names, and lets some claims give roles."""
    settings.PUBLIC_URL = BACK.removesuffix("/login/school/back/")
    settings.OIDC_ISSUER = running_provider.issuer
    settings.OIDC_NAME = "Example University"
    scopes = ["openid", "profile", "email"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": providers(running_provider.issuer, CLIENT_ID, SECRET, scopes)}
    settings.OIDC_ARRIVALS = Arrivals(claim="preferred_username", field=Field.LOGIN_ID, rules=RULES)
    return running_provider
