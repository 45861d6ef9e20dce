"""SAML as a provider of django-allauth that keeps nothing of what is said of people."""

from typing import Any

from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.conf import settings

from accounts.claims.reading import Claims, text_of
from accounts.claims.rules import Arrivals

NAME_ID = "NameID"


class SchoolSamlProvider(SAMLProvider):  # type: ignore[misc]  # allauth has no types of its own
    """Knows people by the attribute that the school has chosen: SAML has no name that is never given to another."""

    can_ask_again = False

    @property
    def arrivals(self) -> Arrivals:
        """Who may come in, and with which roles."""
        found: Arrivals = settings.SAML_ARRIVALS
        return found

    @property
    def called(self) -> str:
        """What people call it."""
        return str(settings.SAML_NAME)

    def is_answer(self, _login: SocialLogin) -> bool:
        """Whether that is the answer to what this browser has asked; it would not have come so far."""
        return True

    def extract_uid(self, data: Claims) -> str:
        """Who that is; whoever is not named is turned away later."""
        return (text_of(data, self.arrivals.claim) or text_of(data, NAME_ID) or "nobody")[:191]

    def extract_extra_data(self, _data: Claims) -> dict[str, Any]:
        """Keep nothing."""
        return {}

    def extract_common_fields(self, _data: Claims) -> dict[str, Any]:
        """Who that is here is found by `accounts.claims`."""
        return {}
