"""`python -m tests.bench.peers.seed NUMBER`: as many people with a credential of each kind; prints those as JSON."""

import json
import secrets
import sys
from datetime import timedelta

import django

django.setup()

# ruff: noqa: E402  # models can be imported only now
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from knox.models import AuthToken
from oauth2_provider.models import AccessToken, Application
from rest_framework.authtoken.models import Token
from rest_framework_api_key.models import APIKey
from rest_framework_simplejwt.tokens import AccessToken as Jwt


def seed(number: int) -> dict[str, list[str]]:
    """The `Authorization` headers by the name of the peer, and the bare tokens of django-oauth-toolkit."""
    people = [User.objects.create(username=f"person{n}") for n in range(number)]
    application = Application.objects.create(client_type="confidential", authorization_grant_type="client-credentials")
    tokens = [_oauth_token(application, person, "read") for person in people]
    return {
        "drf-token": [f"Token {Token.objects.create(user=person).key}" for person in people],
        "knox": [f"Token {AuthToken.objects.create(user=person)[1]}" for person in people],
        "api-key": [f"Api-Key {APIKey.objects.create_key(name=person.username)[1]}" for person in people],
        "simplejwt": [f"Bearer {Jwt.for_user(person)}" for person in people],
        "dot": [f"Bearer {token}" for token in tokens],
        "dot-introspect": [f"Bearer {_oauth_token(application, people[0], 'introspection')}"],
        "dot-tokens": tokens,
    }


def _oauth_token(application: Application, person: User, scope: str) -> str:
    text = secrets.token_urlsafe(32)
    expires = timezone.now() + timedelta(days=30)
    AccessToken.objects.create(user=person, application=application, token=text, expires=expires, scope=scope)
    return text


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        made = seed(int(sys.argv[1]))
    connection.cursor().execute("ANALYZE")
    print(json.dumps(made))
