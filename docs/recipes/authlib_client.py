"""Authlib: protect the views of a Django service with tokens from the portal. Needs `authlib` and `requests`.

settings.py:
    PORTAL = "https://tokens.school.example"
    PORTAL_VERIFIER = ("client_id", "client_secret")  # of the verifier that an administrator made for this service

views.py:
    @require_token()                # any good token
    @require_token("grades:read")   # a token with this scope
    def grades(request):
        name = request.oauth_token["username"]

Nothing is kept: a token that was revoked is refused with the next request. While the portal is away the exception of
`requests` comes through, which is a 500. Where a scope is demanded, it must stand on the token: one without any scope
is refused there.
"""

import requests
from authlib.integrations.django_oauth2 import ResourceProtector
from authlib.oauth2.rfc7662 import IntrospectTokenValidator
from django.conf import settings


class PortalValidator(IntrospectTokenValidator):
    """Asks the portal each time."""

    def introspect_token(self, token_string):
        url, who = f"{settings.PORTAL}/oauth2/introspect", settings.PORTAL_VERIFIER
        answer = requests.post(url, data={"token": token_string}, auth=who, timeout=5)
        answer.raise_for_status()
        return answer.json()


require_token = ResourceProtector()
require_token.register_token_validator(PortalValidator())
