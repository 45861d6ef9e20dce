"""Help, for everybody."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from tests.cast import School
from tests.pages.visits import client_of, text_of
from tokenportal.metrics.jobs import BEAT
from tokenportal.tasks import note_beat
from tokens.usage.noting import connect

SECTIONS = ("token", "first-call", "command-line", "end", "leaked", "privacy", "accessibility", "status")
NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def before_the_first_beat() -> None:
    """Forget when beat was last heard of."""
    with connect() as client:
        client.delete(BEAT)


def test_help_is_for_everybody_and_has_every_section(school: School) -> None:
    for client in (Client(), client_of(school.student)):
        page = text_of(client.get("/help/"))
        for section in SECTIONS:
            assert f' id="{section}"' in page
            assert f'href="#{section}"' in page
        assert 'tokenportal login --portal <span class="s">http://testserver</span>' in page
    assert "Main" not in text_of(Client().get("/help/"))
    assert 'aria-label="Main"' in text_of(client_of(school.student).get("/help/"))


def test_footer_and_cards_lead_to_sections_that_are_there(school: School) -> None:
    from_footer = text_of(Client().get("/login/"))
    for section in ("accessibility", "privacy", "status"):
        assert f'href="/help/#{section}"' in from_footer


def test_the_own_rule_is_told_where_somebody_is_signed_in(school: School) -> None:
    assert "All your roles are student roles" in text_of(client_of(school.student).get("/help/"))
    assert "You may choose any end for a token, or none." in text_of(client_of(school.teacher).get("/help/"))
    assert "All your roles" not in text_of(Client().get("/help/"))


def test_privacy_says_how_long_use_is_kept(school: School, settings: Settings) -> None:
    settings.USAGE_DAYS = 37
    assert "Kept for 37 days." in text_of(Client().get("/help/"))


def test_whom_to_write_to_is_named_where_the_school_says_it(school: School, settings: Settings) -> None:
    assert "tell an administrator of your school which page" in text_of(Client().get("/help/"))
    settings.SUPPORT_EMAIL = "help@school.example"
    assert 'href="mailto:help@school.example"' in text_of(Client().get("/help/"))


def test_the_state_of_the_jobs_is_said_in_words(school: School) -> None:
    assert "The jobs have not been heard of yet." in text_of(Client().get("/help/"))
    note_beat()
    assert "The jobs run on time." in text_of(Client().get("/help/"))
    with connect() as client:
        client.set(BEAT, time.time() - 3601)
    assert "last heard of 60 minutes ago" in text_of(Client().get("/help/"))


def test_a_queue_that_is_away_is_said(school: School, settings: Settings) -> None:
    settings.REDIS_URL = NOBODY
    page = text_of(Client().get("/help/"))
    assert "The queue (Redis) does not answer" in page
    assert "The database answers" in page


def test_help_stands_while_the_database_is_away(django_db_blocker: DjangoDbBlocker) -> None:
    def ask_without_database() -> Any:
        options = {**connection.settings_dict["OPTIONS"], "host": "/nowhere"}
        connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
        return Client().get("/help/")

    with django_db_blocker.unblock(), ThreadPoolExecutor() as other:  # a thread has a connection of its own
        answer = other.submit(ask_without_database).result()
    assert answer.status_code == 200
    assert "The database does not answer" in text_of(answer)
