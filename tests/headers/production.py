"""The portal in this process as a school runs it: the settings of production for whatever concerns browsers."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import RequestFactory, override_settings

import tokenportal.wsgi
from tests.headers.observatory import Seen
from tokenportal.embedded import REPOSITORY
from tokenportal.security_headers import Careful

HOST = "portal.example.edu"
ELSEWHERE = "https://elsewhere.example.com"
CSRF = "a" * 32
# Everything in the settings that decides what a browser is told; the rest, as where the database is, stays the tests'.
NAMES = (
    *("ALLOWED_HOSTS", "MIDDLEWARE", "CONTENT_SECURITY_POLICY", "X_FRAME_OPTIONS", "WHITENOISE_ALLOW_ALL_ORIGINS"),
    *("SECURE_REFERRER_POLICY", "SECURE_SSL_REDIRECT", "SECURE_REDIRECT_EXEMPT", "SECURE_PROXY_SSL_HEADER"),
    *("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "THEME_COOKIE_NAME"),
    *("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE"),
    *("CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE"),
    *("LANGUAGE_COOKIE_NAME", "LANGUAGE_COOKIE_SECURE", "LANGUAGE_COOKIE_HTTPONLY", "LANGUAGE_COOKIE_SAMESITE"),
)
TELL = f"""
import json
from django.conf import settings
print(json.dumps({{name: getattr(settings, name) for name in {NAMES}}}, default=str))
"""


def settings_of_production() -> dict[str, Any]:
    """What a process reads that has only what production must choose."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tokenportal.settings",
        "SECRET_KEY": "x" * 60,
        "TOKEN_KEYS": "one:" + "eHh4" * 12,
        "ALLOWED_HOSTS": HOST,
        "BEHIND_TLS_PROXY": "1",
    }
    told: dict[str, Any] = json.loads(
        subprocess.check_output([sys.executable, "-c", TELL], cwd=REPOSITORY, env=environment)
    )
    return told


@dataclass(frozen=True)
class Answer:
    """What came back, as the web server would send it."""

    status: int
    headers: dict[str, str]  # by names in lower case, but cookies
    cookies: tuple[str, ...]
    body: str

    def get(self, name: str) -> str:
        """The value of a header; empty where there is none."""
        return self.headers.get(name.lower(), "")

    @property
    def is_page(self) -> bool:
        return self.get("Content-Type").startswith("text/html")

    def seen(self, plain: str | None = None) -> Seen:
        """As the Observatory looks at it."""
        return Seen(self.headers, self.cookies, self.body, HOST, ELSEWHERE, plain)


@contextmanager
def in_production() -> Iterator[dict[str, Any]]:
    """Have the application built anew with production's settings; what it had before comes back afterwards."""
    chosen = settings_of_production()
    before = tokenportal.wsgi.django
    with override_settings(**chosen), keeping_the_connection():
        tokenportal.wsgi.django = get_wsgi_application()
        try:
            yield chosen
        finally:
            tokenportal.wsgi.django = before


@contextmanager
def keeping_the_connection() -> Iterator[None]:
    """Have no request close the connection that the test's transaction is on, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def send(
    method: str, path: str, *, session: str = "", host: str = HOST, scheme: str = "https", form: Any = None, **more: Any
) -> Answer:
    """Send one request, as from another site's page, through all of `tokenportal.wsgi`; a form has its CSRF token."""
    jar = {settings.CSRF_COOKIE_NAME: CSRF} | ({settings.SESSION_COOKIE_NAME: session} if session else {})
    headers = {
        "Host": host,
        "X-Forwarded-Proto": scheme,
        "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items()),
        "X-CSRFToken": CSRF,
        "Origin": ELSEWHERE if method == "GET" else f"https://{HOST}",
        **more.pop("headers", {}),
    }
    body = "&".join(f"{name}={value}" for name, value in (form or {}).items())
    asked = RequestFactory().generic(method, path, body, "application/x-www-form-urlencoded", headers=headers, **more)
    asked.environ["wsgi.errors"] = io.StringIO()
    told: list[Any] = []
    answer = Careful(tokenportal.wsgi.answer)(asked.environ, lambda *args: told.extend(args))
    try:
        sent = b"".join(answer)
    finally:
        getattr(answer, "close", lambda: None)()
    status, pairs, *_ = told
    return Answer(
        int(status.split()[0]),
        {name.lower(): value for name, value in pairs if name.lower() != "set-cookie"},
        tuple(value for name, value in pairs if name.lower() == "set-cookie"),
        sent.decode(errors="replace"),
    )
