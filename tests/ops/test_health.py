"""What an orchestrator asks: does the process live, can it work."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.http import JsonResponse
from django.test import RequestFactory
from django.urls import resolve
from pytest_django import DjangoDbBlocker, Settings

from tests.portal import Portal, free_port
from tokenportal import probe
from tokenportal.celery import app
from tokenportal.health import healthz, readyz
from tokenportal.metrics.jobs import BEAT
from tokenportal.tasks import note_beat
from tokens.usage.noting import connect

NOBODY = "redis://127.0.0.1:1/0"


def facts(answer: JsonResponse) -> tuple[int, dict[str, Any]]:
    """Return status and content."""
    return answer.status_code, json.loads(answer.content)


@pytest.fixture(autouse=True)
def before_the_first_beat() -> None:
    """Forget when beat was last heard of."""
    with connect() as client:
        client.delete(BEAT)


@pytest.mark.django_db
def test_a_fresh_start_is_ready_before_beat_was_ever_heard_of(rf: RequestFactory) -> None:
    everything = {"ready": True, "database": True, "redis": True, "beat": None, "journal": "ok"}
    assert facts(readyz(rf.get("/readyz"))) == (200, everything)


@pytest.mark.django_db
def test_ready_says_how_long_ago_beat_came(rf: RequestFactory) -> None:
    note_beat()
    assert facts(readyz(rf.get("/readyz")))[1]["beat"] in {0, 1}


@pytest.mark.django_db
def test_a_beat_that_is_silent_for_a_day_is_told_and_takes_no_web_process_away(rf: RequestFactory) -> None:
    with connect() as client:
        client.set(BEAT, time.time() - 86400)
    status, said = facts(readyz(rf.get("/readyz")))
    assert (status, said["ready"], said["beat"] in {86400, 86401}) == (200, True, True)


def test_beat_sends_only_what_a_worker_knows(settings: Settings) -> None:
    app.loader.import_default_modules()
    sent = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert sent
    assert sent <= set(app.tasks)


def test_beat_notes_itself_each_minute_and_never_late(settings: Settings) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["note-beat"]
    assert entry["task"] == note_beat.name
    assert entry["schedule"] == entry["options"]["expires"] == 60


@pytest.mark.django_db
def test_not_ready_without_redis(rf: RequestFactory, settings: Settings) -> None:
    settings.REDIS_URL = NOBODY
    nearly = {"ready": False, "database": True, "redis": False, "beat": None, "journal": "ok"}
    assert facts(readyz(rf.get("/readyz"))) == (503, nearly)


def test_not_ready_without_database_but_alive(rf: RequestFactory, django_db_blocker: DjangoDbBlocker) -> None:
    def ask_without_database() -> list[JsonResponse]:
        options = {**connection.settings_dict["OPTIONS"], "host": "/nowhere"}
        connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
        return [readyz(rf.get("/readyz")), healthz(rf.get("/healthz"))]

    with django_db_blocker.unblock(), ThreadPoolExecutor() as other:  # a thread has a connection of its own
        ready, live = other.submit(ask_without_database).result()
    hardly = {"ready": False, "database": False, "redis": True, "beat": None, "journal": None}
    assert facts(ready) == (503, hardly)
    assert facts(live) == (200, {"live": True})


def test_health_is_never_cached_and_changes_nothing(rf: RequestFactory) -> None:
    assert "no-store" in healthz(rf.get("/healthz"))["Cache-Control"]
    assert healthz(rf.post("/healthz")).status_code == 405


def test_livez_is_another_name_for_healthz() -> None:
    assert resolve("/livez").func is resolve("/healthz").func is healthz


def test_the_probe_of_the_image_sees_a_running_portal(running_portal: Portal) -> None:
    assert probe.is_alive(running_portal.port)
    assert not probe.is_alive(free_port())


@pytest.mark.parametrize(
    ("allowed", "asked"),
    [("", "localhost"), ("*", "localhost"), ("a.example.edu, b.example.edu", "a.example.edu"), (".c.edu", "c.edu")],
)
def test_the_probe_asks_under_a_name_that_is_allowed(monkeypatch: pytest.MonkeyPatch, allowed: str, asked: str) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", allowed)
    assert probe.host_to_ask_for() == asked
