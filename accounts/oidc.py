"""The school's own sign-in by OpenID Connect, as a provider of django-allauth that is stricter than its own.

The ID token's signature and nonce are verified even where it came straight from the provider, and nothing that the
provider says of a person is stored.
"""

from secrets import token_urlsafe
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from requests import Response

from accounts.claims.reading import Claims
from accounts.claims.rules import Arrivals
from accounts.id_tokens import claims_in

# What the provider's document has to name (OpenID Connect Discovery 1.0, section 3).
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


def refuse_redirect(answer: Response, **_more: Any) -> None:
    """Raise OAuth2Error for an answer that leads elsewhere: secrets, keys and claims belong to the address asked."""
    if answer.is_redirect:
        raise OAuth2Error(f"{answer.url} leads on to {answer.headers['Location']}, where nothing is asked")


class SchoolAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types of its own
    """What is asked of the provider."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Its own description. Raises OAuth2Error for one that is not the configured issuer's."""
        config = super().openid_config
        if not isinstance(config, dict) or not all(isinstance(config.get(name), str) for name in NEEDED):
            raise OAuth2Error("The provider's configuration is not whole")
        if config["issuer"].rstrip("/") != settings.OIDC_ISSUER:
            raise OAuth2Error(f"The provider calls itself {config['issuer']}")
        return config

    def get_callback_url(self, _request: HttpRequest, _app: object) -> str:
        """The address that the provider knows, whichever name of the portal was used."""
        return settings.PUBLIC_URL + reverse("oidc_callback")

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Who has signed in there, by the ID token, and by what else the provider tells of the same person."""
        claims = self._claims(kwargs["response"].get("id_token"), app.client_id)
        if "userinfo_endpoint" in self.openid_config:
            more = self._fetch_user_info(token.token)
            if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
                raise OAuth2Error("The provider tells of somebody else than it has signed in")
            claims = {**more, **claims}
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.claims = claims
        return login

    def _claims(self, id_token: object, client_id: str) -> dict[str, Any]:
        if not isinstance(id_token, str):
            raise OAuth2Error("The provider has sent no ID token")
        issuer = self.openid_config["issuer"]
        try:
            return claims_in(id_token, keys=self.keys(), issuer=issuer, client_id=client_id)
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"The ID token is not good: {error}") from error

    def keys(self) -> dict[str, Any]:
        """What it signs with now (RFC 7517): fetched each time, so that it may change its keys whenever it likes."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = answer.json()
        if not isinstance(keys, dict):
            raise OAuth2Error("The provider's keys are no JWK Set")
        return keys


class SchoolProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """Leads there and back."""

    oauth2_adapter_class = SchoolAdapter
    pkce_enabled_default = True
    can_ask_again = True

    @property
    def arrivals(self) -> Arrivals:
        """Who may come in, and with which roles."""
        found: Arrivals = settings.OIDC_ARRIVALS
        return found

    @property
    def called(self) -> str:
        """What people call it."""
        return str(settings.OIDC_NAME)

    def is_answer(self, login: SocialLogin) -> bool:
        """Whether the ID token is the answer to what this browser has asked: a stolen one holds another nonce."""
        asked, said = login.state.get("nonce"), login.claims.get("nonce")
        return isinstance(asked, str) and isinstance(said, str) and constant_time_compare(asked, said)

    def lead_there(self, request: HttpRequest, *, target: str, again: bool) -> HttpResponse:
        """Send the person to the provider; `again` has it ask who they are, though it knows somebody."""
        nonce = token_urlsafe(24)
        asked = {"nonce": nonce, **({"prompt": "select_account"} if again else {})}
        answer: HttpResponse = self.redirect(
            request, AuthProcess.LOGIN, next_url=target, auth_params=asked, nonce=nonce
        )
        return answer

    def extract_uid(self, data: Claims) -> str:
        """The one name there that is never given to somebody else."""
        return str(data["sub"])

    def extract_extra_data(self, _data: Claims) -> dict[str, Any]:
        """Keep nothing."""
        return {}

    def extract_common_fields(self, _data: Claims) -> dict[str, Any]:
        """Who that is here is found by `accounts.claims`."""
        return {}

    def extract_email_addresses(self, _data: Claims) -> list[Any]:
        """None: an address lets nobody in by itself."""
        return []
