"""What an orchestrator asks: does the process live, can it work."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.http import JsonResponse
from django.test import RequestFactory
from pytest_django import DjangoDbBlocker, Settings

from tests.portal import Portal, free_port
from tokenportal import probe
from tokenportal.health import livez, readyz

NOBODY = "redis://127.0.0.1:1/0"


def facts(answer: JsonResponse) -> tuple[int, dict[str, bool]]:
    """Return status and content."""
    return answer.status_code, json.loads(answer.content)


@pytest.mark.django_db
def test_ready_with_database_and_redis(rf: RequestFactory) -> None:
    assert facts(readyz(rf.get("/readyz"))) == (200, {"ready": True, "database": True, "redis": True})


@pytest.mark.django_db
def test_not_ready_without_redis(rf: RequestFactory, settings: Settings) -> None:
    settings.REDIS_URL = NOBODY
    assert facts(readyz(rf.get("/readyz"))) == (503, {"ready": False, "database": True, "redis": False})


def test_not_ready_without_database_but_alive(rf: RequestFactory, django_db_blocker: DjangoDbBlocker) -> None:
    def ask_without_database() -> list[JsonResponse]:
        options = {**connection.settings_dict["OPTIONS"], "host": "/nowhere"}
        connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
        return [readyz(rf.get("/readyz")), livez(rf.get("/livez"))]

    with django_db_blocker.unblock(), ThreadPoolExecutor() as other:  # a thread has a connection of its own
        ready, live = other.submit(ask_without_database).result()
    assert facts(ready) == (503, {"ready": False, "database": False, "redis": True})
    assert facts(live) == (200, {"live": True})


def test_health_is_never_cached_and_changes_nothing(rf: RequestFactory) -> None:
    assert "no-store" in livez(rf.get("/livez"))["Cache-Control"]
    assert livez(rf.post("/livez")).status_code == 405


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
