"""What a web process does about a PostgreSQL that answers nobody; `tests.torture.kills.test_away` stops a real one."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tokenportal import hanging, wsgi
from tokenportal.hanging import Watch

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_statement_that_is_only_slow_is_left_alone() -> None:
    watch = Watch(hangs=30)

    def ask_slowly() -> Any:
        connection.ensure_connection()
        watch.note(connection)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.5), 7")
                return cursor.fetchone()
        finally:
            connection.close()

    with ThreadPoolExecutor() as other:
        slow = other.submit(ask_slowly)
        while not slow.done():
            watch.look()
        assert slow.result()[1] == 7
    watch._probe.close()
    assert not watch.is_hanging


def test_while_it_hangs_everybody_hears_so_at_once_without_asking_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hanging.watch, "is_hanging", True)
    client = Client(raise_request_exception=False)
    with CaptureQueriesContext(connection) as asked:
        api, page, probe = (client.get(path) for path in ("/api/v1/users/self", "/tokens/", "/healthz"))
    assert (api.status_code, api.json()["errors"][0]["code"]) == (503, "unavailable")
    assert (page.status_code, page.headers["Retry-After"]) == (503, api.headers["Retry-After"])
    assert probe.status_code == 200
    assert not asked.captured_queries


def test_the_doors_hear_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hanging.watch, "is_hanging", True)
    told: list[tuple[str, list[tuple[str, str]]]] = []
    wsgi.answer(
        {"PATH_INFO": "/verify", "REQUEST_METHOD": "GET"}, lambda status, headers: told.append((status, headers))
    )
    [(status, headers)] = told
    assert status == "503 Service Unavailable"
    assert ("Retry-After", "1") in headers
