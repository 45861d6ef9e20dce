"""`python -m tests.signin.provider DIRECTORY PORT`: a school's OpenID Connect provider, django-oauth-toolkit's.

Whom it knows stands in DIRECTORY/people.json, by name with their claims; what it signs with in DIRECTORY/key.pem.
`/enter/NAME/` is its own way in. What stands under `forged` goes into the ID token whatever is true.
"""

import json
import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse

HOST, CLIENT_ID, SECRET = "127.0.0.1", "portal", "a secret that portal and provider share"
BACKEND = "django.contrib.auth.backends.ModelBackend"
FORGED = "forged"


def configure(directory: Path, redirect_uri: str) -> None:
    """Make a usual project around it, with the portal as its only client."""
    settings.configure(
        DEBUG=False,
        SECRET_KEY="a provider of the tests",
        ALLOWED_HOSTS=[HOST],
        ROOT_URLCONF="__main__",
        INSTALLED_APPS=[
            *("django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "oauth2_provider"),
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": directory / "provider.sqlite3"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        LOGIN_URL="/enter/",
        SESSION_COOKIE_NAME="provider",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # of the client's secret, in tests
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": (directory / "key.pem").read_text(),
            "OAUTH2_VALIDATOR_CLASS": "__main__.Validator",
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who", "profile": "what", "email": "where"},
        },
    )
    django.setup()
    call_command("migrate", verbosity=0)
    from oauth2_provider.models import Application  # noqa: PLC0415  # once there are settings

    Application.objects.update_or_create(
        client_id=CLIENT_ID,
        defaults={
            "client_secret": SECRET,
            "client_type": Application.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
            "algorithm": Application.RS256_ALGORITHM,
            "redirect_uris": redirect_uri,
            "skip_authorization": True,
        },
    )


def known(directory: Path, name: str) -> dict[str, Any]:
    """What the provider knows of somebody."""
    people: dict[str, dict[str, Any]] = json.loads((directory / "people.json").read_text())
    return people[name]


def enter(request: HttpRequest, name: str) -> HttpResponse:
    """Sign in at the provider itself."""
    from django.contrib.auth import get_user_model, login  # noqa: PLC0415

    model: Any = get_user_model()  # this project's, not ours
    user, _made = model.objects.get_or_create(username=name)
    login(request, user, backend=BACKEND)
    return HttpResponse("welcome")


def without(request: HttpRequest, name: str) -> HttpResponse:
    """Describe the provider as another would be that does not have everything."""
    from oauth2_provider.views import ConnectDiscoveryInfoView  # noqa: PLC0415

    described = json.loads(ConnectDiscoveryInfoView.as_view()(request).content)
    return JsonResponse({key: value for key, value in described.items() if key != name})


def no_keys(_request: HttpRequest) -> HttpResponse:
    """Answer with what is JSON and no JWK Set."""
    return JsonResponse([], safe=False)


def moved(_request: HttpRequest, path: str) -> HttpResponse:
    """Lead on to where all of it is, as a provider may that was moved; what was sent comes along."""
    return HttpResponse(status=307, headers={"Location": f"/o/{path}"})


def make_validator(directory: Path) -> type:
    """What goes into ID token and userinfo."""
    from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: PLC0415

    class Validator(OAuth2Validator):  # type: ignore[misc]
        oidc_claim_scope = None

        def get_additional_claims(self, request: Any) -> dict[str, Any]:
            claims = known(directory, request.user.get_username())
            return {name: value for name, value in claims.items() if name != FORGED}

        def get_id_token_dictionary(self, token: Any, token_handler: Any, request: Any) -> Any:
            claims, expires = super().get_id_token_dictionary(token, token_handler, request)
            claims.update(known(directory, request.user.get_username()).get(FORGED, {}))
            return claims, expires

    return Validator


if __name__ == "__main__":
    from django.urls import include, path

    from tests.recipes.service import Quiet, Server

    place, port, back = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    configure(place, back)
    Validator = make_validator(place)
    urlpatterns = [
        path("enter/<name>/", enter),
        path("moved/<path:path>", moved),
        path("without/<name>/.well-known/openid-configuration", without),
        path("no-keys/", no_keys),
        path("o/", include("oauth2_provider.urls")),
    ]
    with make_server(HOST, port, get_wsgi_application(), Server, Quiet) as server:
        server.serve_forever()
