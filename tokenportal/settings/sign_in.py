"""The settings of django-allauth, under which everybody signs in: by password, or by what the school has for that."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import validate

from accounts.claims.rules import Arrivals, Field, required_in, rules_in
from tokenportal.settings.environment import at_a_safe_address, env

Read = TypeVar("Read")

# What is ours of it: no messages, no addresses of its own, a line in the trail.
ACCOUNT_ADAPTER = "accounts.views.entering.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login_id"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
# People come by a roster, or by what the school's own sign-in says; nobody adds themselves.
ACCOUNT_SIGNUP_ENABLED = False
ACCOUNT_EMAIL_VERIFICATION = "none"
# Addresses are the school's; two people may share one, as parents do.
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = False

SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an address proves nothing about who somebody is here
SOCIALACCOUNT_STORE_TOKENS = False  # nothing is asked of the provider once somebody is in
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5  # seconds
SOCIALACCOUNT_ADAPTER = "accounts.views.school_sign_in.SocialAdapter"


def providers(issuer: str, client_id: str, secret: str, scopes: list[str]) -> dict[str, Any]:
    """Write the school's sign-in down as django-allauth has it; what it knows of people, it knows by the issuer."""
    app = {"provider_id": issuer, "name": "school", "client_id": client_id, "secret": secret}
    of_it = {"server_url": issuer, "scope": scopes, "oauth_pkce_enabled": True}
    apps = [{**app, "settings": of_it}] if issuer else []
    return {"provider_class": "accounts.oidc.SchoolProvider", "APPS": apps}


def saml_providers(entity_id: str) -> dict[str, Any]:
    """Write the same down for SAML."""
    app = {"provider_id": entity_id, "name": "school", "client_id": "school", "settings": {}}
    return {"provider_class": "accounts.saml.provider.SchoolSamlProvider", "APPS": [app] if entity_id else []}


def read(name: str, text: str, reader: Callable[[str], Read]) -> Read:
    """Read a setting that is JSON."""
    try:
        return reader(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from error


# The school's own sign-in by OpenID Connect: docs/sign-in.md. Without an issuer there is none.
OIDC_ISSUER = at_a_safe_address("OIDC_ISSUER", env.str("OIDC_ISSUER", ""))
# What it is called on the button.
OIDC_NAME = env.str("OIDC_NAME", "") or _("your school account")
_OIDC = providers(
    OIDC_ISSUER,
    env.str("OIDC_CLIENT_ID", ""),
    env.str("OIDC_CLIENT_SECRET", ""),
    env.list("OIDC_SCOPES", ["openid", "profile", "email"]),
)
OIDC_ARRIVALS = Arrivals(
    claim=env.str("OIDC_PERSON_CLAIM", "sub"),
    field=Field(env.str("OIDC_PERSON_FIELD", "sis_user_id", validate=validate.OneOf(list(Field)))),
    required=read("OIDC_REQUIRE", env.str("OIDC_REQUIRE", ""), required_in),
    creates=env.bool("OIDC_CREATE_PEOPLE", False),
    login_claim=env.str("OIDC_LOGIN_CLAIM", "preferred_username"),
    rules=read("OIDC_ROLES", env.str("OIDC_ROLES", ""), rules_in),
)

# The same by SAML 2.0: an address (https) or a file with the provider's metadata, and which of those in there it is.
SAML_METADATA = env.str("SAML_METADATA", "")
SAML_ENTITY_ID = env.str("SAML_ENTITY_ID", "")
SAML_NAME = env.str("SAML_NAME", "") or _("your school account")
SAML_ARRIVALS = Arrivals(
    claim=env.str("SAML_PERSON_ATTRIBUTE", "uid"),
    field=Field(env.str("SAML_PERSON_FIELD", "login_id", validate=validate.OneOf(list(Field)))),
    required=read("SAML_REQUIRE", env.str("SAML_REQUIRE", ""), required_in),
    creates=env.bool("SAML_CREATE_PEOPLE", False),
    login_claim=env.str("SAML_LOGIN_ATTRIBUTE", "uid"),
    rules=read("SAML_ROLES", env.str("SAML_ROLES", ""), rules_in),
)
if SAML_METADATA and (not SAML_ENTITY_ID or find_spec("onelogin") is None):
    raise ImproperlyConfigured("SAML_METADATA: set SAML_ENTITY_ID too, and install the extra: tokenportal[saml].")
if SAML_METADATA.startswith("http://"):
    raise ImproperlyConfigured("SAML_METADATA: write an address that begins with https://, or a file.")
SOCIALACCOUNT_PROVIDERS = {"openid_connect": _OIDC, "saml": saml_providers(SAML_ENTITY_ID)}

# Off: only who edits the policy of the whole school may use a password, as a way in when the provider is away.
PASSWORD_SIGN_IN = env.bool("PASSWORD_SIGN_IN", True)
if not PASSWORD_SIGN_IN and not OIDC_ISSUER and not SAML_METADATA:
    raise ImproperlyConfigured("PASSWORD_SIGN_IN: nobody could sign in. Set OIDC_ISSUER or SAML_METADATA first.")

# Of whom a second step is required: nobody, administrators (who hold a right over others), everybody.
MFA_REQUIRED = env.str("MFA_REQUIRED", "nobody", validate=validate.OneOf(["nobody", "administrators", "everybody"]))
# The second step. Codes and passkeys are checked by our own rules (accounts.factors), which count wrong codes in the
# database; passkeys are for the host of PUBLIC_URL.
MFA_ADAPTER = "accounts.factors.adapter.FactorsAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
