"""Visits to the pages as somebody: a signed-in client, and what to look for in an answer."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests import cast
from tokens.models import AccessToken, State

SECRET = re.compile(r"tpat_[A-Za-z][0-9A-Za-z]{15}_[0-9A-Za-z]{49}")
BACKEND = "django.contrib.auth.backends.ModelBackend"


def client_of(user: User) -> Client:
    """A browser in which `user` is signed in."""
    client = Client()
    client.force_login(user, BACKEND)
    return client


def text_of(answer: Any) -> str:
    """The page, without the entities of quotation marks."""
    text: str = answer.content.decode()
    return text.replace("&#x27;", "'").replace("&quot;", '"')


def said_in(answer: Any) -> str:
    """The page without what belongs to the request itself: its number, its address, its CSRF token."""
    own = r'name="(?:csrfmiddlewaretoken|next)" value="[^"]*"|<bdi class="mono">[^<]*</bdi>'
    return re.sub(own, "", text_of(answer))


def token_of(user: User, **facts: Any) -> AccessToken:
    """A token made just now."""
    return cast.token(user, now=timezone.now(), **facts).token


def key_in(answer: Any) -> str:
    """The one-time key of the form on a page."""
    found = re.search(r'name="key" value="(\w+)"', text_of(answer))
    assert found
    return found[1]


def rows_of(user: User, count: int, *, now: datetime, first: int = 0) -> list[AccessToken]:
    """So many tokens of a person as rows, not yet written: Argon2 would take its time over each secret."""
    return [
        AccessToken(
            user=user,
            purpose=f"Token {number}",
            state=State.ACTIVE,
            created_at=now - timedelta(minutes=number),
            updated_at=now,
            secret_made_at=now,
            expires_at=None if number % 3 else now + timedelta(days=1 + number % 100),
            lookup_id=f"A{user.pk:07}{number:08}",
            tag=b"",
            tag_key="k",
            verifier="v",
        )
        for number in range(first, first + count)
    ]
