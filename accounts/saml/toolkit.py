"""python3-saml, set up for this portal and its school: what is asked of the provider, and whether its answer is good.

SAML V2.0 Web Browser SSO profile (saml-profiles-2.0-os, section 4.1), started by us only, answered by POST.
"""

from binascii import Error as NoBase64
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from lxml.etree import LxmlError
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from xmlsec import Error as XmlSecError

from accounts.claims.unusable import Unusable
from accounts.saml.provider import NAME_ID

_NOT_GOOD = (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError, LxmlError, XmlSecError, NoBase64, ValueError)
METADATA_SECONDS = 3600  # for which what a provider says of itself is believed
PATIENCE = 5  # seconds


class BadAnswer(Unusable):
    """What came is no answer that this portal may believe, or the provider's description is none."""


def asking() -> OneLogin_Saml2_Auth:
    """The toolkit, to ask the provider with."""
    return _toolkit({})


def answer_in(response: str) -> OneLogin_Saml2_Auth:
    """A response that is good: signed by the provider, for us, by now. Raises BadAnswer."""
    toolkit = _toolkit({"SAMLResponse": response})
    try:
        toolkit.process_response()
    except _NOT_GOOD as error:
        raise BadAnswer(str(error)) from error
    if toolkit.get_errors() or not toolkit.is_authenticated():
        raise BadAnswer(toolkit.get_last_error_reason() or "nobody has signed in")
    return toolkit


def claims_of(toolkit: OneLogin_Saml2_Auth) -> dict[str, Any]:
    """What a good answer says of somebody: attributes by their names and their friendly ones, and the NameID."""
    friendly = toolkit.get_friendlyname_attributes()
    named = {"name": friendly["displayName"]} if "displayName" in friendly else {}
    return {**named, **friendly, **toolkit.get_attributes(), NAME_ID: toolkit.get_nameid()}


def own_metadata() -> bytes:
    """What the provider has to know of this portal."""
    described = OneLogin_Saml2_Settings(settings={**_own(), "idp": {}}, sp_validation_only=True)
    metadata = described.get_sp_metadata()
    return metadata if isinstance(metadata, bytes) else str(metadata).encode()


def provider_in(metadata: str | bytes) -> dict[str, Any]:
    """The provider's part of its metadata. Raises BadAnswer where the configured one is not in there."""
    try:
        found = OneLogin_Saml2_IdPMetadataParser.parse(metadata, entity_id=settings.SAML_ENTITY_ID)
    except (LxmlError, ValueError) as error:
        raise BadAnswer(f"The provider's metadata cannot be read: {error}") from error
    provider: dict[str, Any] = found.get("idp", {})
    if provider.get("entityId") != settings.SAML_ENTITY_ID:
        raise BadAnswer(f"{settings.SAML_ENTITY_ID} is not in the provider's metadata")
    return provider


def _toolkit(post: dict[str, str]) -> OneLogin_Saml2_Auth:
    """Set up for the address by which the provider knows this portal, whichever was used."""
    public = urlsplit(settings.PUBLIC_URL)
    asked = {
        "https": "on" if public.scheme == "https" else "off",
        "http_host": public.netloc,
        "script_name": reverse("saml_acs"),
        "get_data": {},
        "post_data": post,
    }
    return OneLogin_Saml2_Auth(asked, {**_own(), "idp": _provider()})


def _own() -> dict[str, Any]:
    at = f"{settings.PUBLIC_URL}{reverse('saml_acs')}"
    service = {"url": at, "binding": OneLogin_Saml2_Constants.BINDING_HTTP_POST}
    return {
        "strict": True,
        "sp": {"entityId": f"{settings.PUBLIC_URL}{reverse('saml_metadata')}", "assertionConsumerService": service},
        "security": {
            "requestedAuthnContext": False,
            "rejectDeprecatedAlgorithm": True,
            "wantNameId": False,
            "allowRepeatAttributeName": True,
            "allowSingleLabelDomains": settings.DEBUG,
        },
    }


def _provider() -> dict[str, Any]:
    key = f"saml:{settings.SAML_METADATA}:{settings.SAML_ENTITY_ID}"
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        found = provider_in(_metadata(settings.SAML_METADATA))
        cache.set(key, found, METADATA_SECONDS)
    return found


def _metadata(place: str) -> bytes:
    if not place.startswith("https://"):
        return Path(place).read_bytes()
    answer = requests.get(place, timeout=PATIENCE, allow_redirects=False)
    if answer.is_redirect:
        raise BadAnswer(f"{place} leads on to {answer.headers['Location']}, where nothing is asked")
    answer.raise_for_status()
    return answer.content
