"""The provider runs once; every test says whom it knows, and has a portal that is configured for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from accounts.claims.rules import Arrivals, Field, Rule
from tests.signin.identity_provider import ENTITY_ID, PORTAL, IdentityProvider
from tests.signin.journey import BACK, Provider
from tests.signin.provider import CLIENT_ID, SECRET
from tokenportal.settings.sign_in import providers, saml_providers

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


@pytest.fixture
def idp(settings: Settings, tmp_path: Path) -> IdentityProvider:
    """The provider of a school, and a portal that has read its metadata."""
    idp = IdentityProvider()
    (tmp_path / "metadata.xml").write_text(idp.metadata)
    cache.clear()
    settings.PUBLIC_URL = PORTAL
    settings.SAML_METADATA, settings.SAML_ENTITY_ID = str(tmp_path / "metadata.xml"), ENTITY_ID
    settings.SAML_NAME = "Example College"
    settings.SOCIALACCOUNT_PROVIDERS = {"saml": saml_providers(ENTITY_ID)}
    rules = (Rule("memberOf", "staff", "Teacher"),)
    settings.SAML_ARRIVALS = Arrivals("uid", Field.LOGIN_ID, rules=rules, login_claim="uid")
    return idp
