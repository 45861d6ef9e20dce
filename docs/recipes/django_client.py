"""Django REST framework: people call your API with their token from the portal. Needs `requests`.

settings.py:
    PORTAL = "https://tokens.school.example"
    PORTAL_VERIFIER = ("client_id", "client_secret")  # of the verifier that an administrator made for this service
    REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["yourproject.django_client.PortalAuthentication"], ...}

`request.user` is your own user of that name, `request.auth` is what the portal says: `scope`, `roles`, `account` ...
Nothing is kept: a token that was revoked is refused with the next request.
"""

import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import APIException, AuthenticationFailed


class PortalAway(APIException):
    """The portal cannot be asked, or does not know this service: neither yes nor no."""

    status_code = 503


class PortalAuthentication(BaseAuthentication):
    """Ask the portal about `Authorization: Bearer ...`."""

    def authenticate(self, request):
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        url, who = f"{settings.PORTAL}/oauth2/introspect", settings.PORTAL_VERIFIER
        try:
            answer = requests.post(url, data={"token": token.strip()}, auth=who, timeout=5)
            answer.raise_for_status()
        except requests.RequestException as error:
            raise PortalAway from error
        found = answer.json()
        if found["active"] is not True:
            raise AuthenticationFailed("The access token is not valid.")
        user, _ = get_user_model().objects.get_or_create(username=found["username"])
        if not user.is_active:
            raise AuthenticationFailed("This person may not use this service.")
        return user, found

    def authenticate_header(self, _request):
        """Make it a 401 with a challenge."""
        return 'Bearer realm="api"'
