"""SECRET_KEY is changed: what people hold goes on working while the old value is among the fallbacks, and not after."""

import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from tests.cast import NOW, School
from tests.pages.saving import path_of, quote_in
from tests.pages.visits import client_of, text_of
from tokenportal.embedded import REPOSITORY
from tokens import feeds, webhooks
from tokens.models import Webhook
from tokens.webhooks import Wish, signing

SIXTY = {"student_cap_days": "60"}
Rotate = Callable[..., None]


@pytest.fixture
def rotate(settings: Settings) -> Rotate:
    """Give a way to change the key; the old one stays good for reading, or does not."""

    def change(*, with_fallback: bool) -> None:
        old = [settings.SECRET_KEY] if with_fallback else []
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key, as long as a key should be: 0123456789", old

    return change


def test_both_values_come_from_the_environment() -> None:
    said = "from tokenportal.settings import *; print(SECRET_KEY, SECRET_KEY_FALLBACKS)"
    environment = {**os.environ, "SECRET_KEY": "new", "SECRET_KEY_FALLBACKS": "old,older"}
    found = subprocess.check_output([sys.executable, "-c", said], cwd=REPOSITORY, env=environment, text=True)
    assert found.strip() == "new ['old', 'older']"


@pytest.mark.parametrize("with_fallback", [True, False])
def test_a_session_goes_on_and_is_bound_to_the_new_key(school: School, rotate: Rotate, with_fallback: bool) -> None:
    browser = client_of(school.student)
    rotate(with_fallback=with_fallback)
    assert browser.get("/tokens/").status_code == (200 if with_fallback else 302)
    rotate_away = browser.get("/tokens/")
    assert rotate_away.status_code == (200 if with_fallback else 302)


def test_a_session_that_was_used_meanwhile_outlives_the_fallback(
    school: School, rotate: Rotate, settings: Settings
) -> None:
    browser = client_of(school.student)
    rotate(with_fallback=True)
    browser.get("/tokens/")
    settings.SECRET_KEY_FALLBACKS = []
    assert browser.get("/tokens/").status_code == 200


@pytest.mark.parametrize("with_fallback", [True, False])
def test_a_preview_that_was_shown_before_can_be_saved(school: School, rotate: Rotate, with_fallback: bool) -> None:
    quoted = quote_in(client_of(school.admin).post(f"{path_of(school.root)}preview/", SIXTY))
    rotate(with_fallback=with_fallback)
    saved = client_of(school.admin).post(path_of(school.root), {**SIXTY, "quote": quoted})
    assert saved.status_code == (302 if with_fallback else 200)


def test_a_calendar_hangs_on_no_key(school: School, rotate: Rotate) -> None:
    address = feeds.make(school.student, now=NOW)
    rotate(with_fallback=False)
    assert Client().get(f"/calendar/{address}.ics").status_code == 200


def test_what_the_last_page_had_to_say_is_still_said(school: School, rotate: Rotate) -> None:
    browser = client_of(school.admin)
    made = webhooks.add(school.root, Wish("https://93.184.216.34/", "", ("token.issue",)), actor=school.admin, now=NOW)
    browser.post(f"/webhooks/{made.webhook.pk}/delete/", {})
    rotate(with_fallback=True)
    assert "Nothing more is sent there." in text_of(browser.get("/webhooks/"))


def test_secrets_of_webhooks_are_locked_anew_before_the_fallback_goes(
    school: School, rotate: Rotate, settings: Settings
) -> None:
    made = webhooks.add(school.root, Wish("https://93.184.216.34/", "", ("token.issue",)), actor=school.admin, now=NOW)
    rotate(with_fallback=True)
    out = StringIO()
    call_command("relock_webhooks", stdout=out)
    assert out.getvalue() == "Secrets of webhooks encrypted anew: 1\n"
    settings.SECRET_KEY_FALLBACKS = []
    assert signing.unlock(Webhook.objects.get().secret) == made.secret


def test_a_secret_that_nothing_can_read_is_named(school: School, rotate: Rotate) -> None:
    webhooks.add(school.root, Wish("https://93.184.216.34/", "", ("token.issue",)), actor=school.admin, now=NOW)
    rotate(with_fallback=False)
    with pytest.raises(CommandError, match=r"Unreadable .*: https://93\.184\.216\.34/"):
        call_command("relock_webhooks", stdout=StringIO())
