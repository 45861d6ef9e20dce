"""The app on somebody's phone, by RFC 4226 and RFC 6238, written without a look at the portal's code."""

import base64
import hashlib
import hmac
import re
import time
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.factors import keeping
from accounts.models import User
from tests.cast import PASSWORD

STEP = 30  # seconds


def code_at(secret: str, seconds: float) -> str:
    """What the app shows at that time."""
    message = int(seconds // STEP).to_bytes(8, "big")
    mac = hmac.digest(base64.b32decode(secret), message, hashlib.sha1)
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def now_shows(secret: str, steps: int = 0) -> str:
    """What the app shows now, or some steps from now."""
    return code_at(secret, time.time() + steps * STEP)


def secret_in(answer: Any) -> str:
    """The secret on the page that sets up an app."""
    found = re.search(r'<code id="secret"[^>]*>([A-Z2-7]{32})</code>', answer.content.decode())
    assert found
    return found[1]


def codes_in(answer: Any) -> list[str]:
    """The recovery codes on a page."""
    return re.findall(r"<li>(\d{4} \d{4})</li>", answer.content.decode())


def set_up(person: User) -> tuple[str, list[str]]:
    """Give a person an app, by its code of the step before; return its secret and the codes on paper."""
    now = timezone.now()
    secret = base64.b32encode(f"{person.login_id:20.20}".encode()).decode()
    codes = keeping.add_app(person, secret, code_at(secret, now.timestamp() - STEP), here=None, now=now)
    assert codes
    return secret, codes


def wrong_for(secret: str) -> str:
    """A code that the app shows at no time near now."""
    near = {now_shows(secret, steps) for steps in range(-3, 4)}
    return next(
        code
        for code in ("000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777")
        if code not in near
    )


def at_the_second_step(person: User) -> Client:
    """A browser that has given the right password."""
    client = Client()
    answer = client.post("/login/", {"username": person.login_id, "password": PASSWORD, "next": "/preferences/"})
    assert answer.headers["Location"] == "/login/code/"
    return client


def is_in(client: Client) -> bool:
    """Whether somebody is signed in."""
    return client.get("/tokens/").status_code == 200
