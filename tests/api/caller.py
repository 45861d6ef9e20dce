"""Somebody who calls the API; every answer is held to the OpenAPI document on the way."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.api.contract import require_documented
from tests.cast import token
from tokens import lifecycle
from tokens.lifecycle import Issued
from tokens.scopes import MANAGE

BASE = "/api/v1"


@dataclass
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The code of the only error."""
        [error] = self.body["errors"]
        found: str = error["code"]
        return found

    @property
    def codes(self) -> list[str]:
        return [error["code"] for error in self.body["errors"]]

    @property
    def refusal(self) -> tuple[int, str]:
        return self.status, self.code


@dataclass
class Caller:
    """Calls with its credentials: a bearer token, a browser session, or none."""

    headers: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True, raise_request_exception=False))

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, data, **headers)

    def put(self, path: str, data: Any = None, **headers: str) -> Answer:
        return self.call("PUT", path, data, **headers)

    def delete(self, path: str, data: Any = None, **headers: str) -> Answer:
        return self.call("DELETE", path, data, **headers)

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Answer:
        """Call with a JSON body."""
        body = b"" if data is None else json.dumps(data).encode()
        return self.send(method, path, body, "application/json", **headers)

    def form(self, method: str, path: str, fields: dict[str, Any], **headers: str) -> Answer:
        body = urlencode(fields, doseq=True).encode()
        return self.send(method, path, body, "application/x-www-form-urlencoded", **headers)

    def send(self, method: str, path: str, body: bytes, content_type: str, **headers: str) -> Answer:
        """Call with any body; `X_Name` among the headers means `X-Name`."""
        path = path if path.startswith("/api/") else f"{BASE}/{path}"
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.generic(
            method, path, body, content_type, headers={**self.headers, "User-Agent": "tests", **given}
        )
        require_documented(method, path, response)
        return Answer(response.status_code, response.json(), dict(response.items()))


def bearing(secret: str) -> Caller:
    """Whoever presents `secret`."""
    return Caller({"Authorization": f"Bearer {secret}"})


def bearer_of(user: User, *, scopes: tuple[str, ...] = ()) -> Caller:
    """The person by a token made for this."""
    return bearing(made(user, purpose="Calling", scopes=scopes).secret)


def manager_of(user: User) -> Caller:
    """The person by a token that may manage tokens; they must hold `tokens.create`."""
    return bearer_of(user, scopes=(MANAGE,))


def session_of(user: User) -> Caller:
    """The person in a browser, whose pages send the CSRF token along."""
    caller, csrf = Caller(), _get_new_csrf_string()
    caller.client.force_login(user)
    caller.client.cookies["csrftoken"] = csrf
    caller.headers["X-CSRFToken"] = csrf
    return caller


def made(owner: User, *, scopes: tuple[str, ...] = (), **options: Any) -> Issued:
    """A token of `owner` made now, by the clock that the API reads."""
    now = timezone.now()
    if not scopes:
        return token(owner, now=now, **options)
    return lifecycle.issue(owner, purpose=options["purpose"], expires_at=None, scopes=scopes, actor=owner, now=now)
