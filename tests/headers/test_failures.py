"""What goes wrong is told with the same care: before Django's middleware, in it, in a view, at a door."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker
from rest_framework.throttling import UserRateThrottle

from tests.cast import School
from tests.headers.judging import faults_of
from tests.headers.production import Answer, in_production, send
from tests.pages.visits import client_of
from tokens import secrets

Ask = Callable[[School], Answer]


@pytest.fixture(autouse=True)
def production(school: School) -> Iterator[None]:
    """Here the connection is the test's own, whose school is gone after it."""
    with in_production():
        logging.disable(logging.CRITICAL)
        yield
        logging.disable(logging.NOTSET)


def session_of(school: School) -> str:
    return str(client_of(school.student).cookies[settings.SESSION_COOKIE_NAME].value)


def locked_out(_school: School) -> Answer:
    wrong = {"username": "student", "password": "wrong"}
    return [send("POST", "/login/", form=wrong) for _ in range(6)][-1]


def called_too_often(school: School) -> Answer:
    session = session_of(school)
    return [send("GET", "/api/v1/accounts", session=session) for _ in range(3)][-1]


def too_long(path: str) -> Ask:
    def ask(school: School) -> Answer:
        return send("POST", path, session=session_of(school), form={"purpose": "x" * 70_000})

    return ask


def sent(method: str, path: str, **more: object) -> Ask:
    return lambda school: send(method, path, session=session_of(school), **more)  # type: ignore[arg-type]  # as send


FAILURES: list[tuple[int, Ask]] = [
    (400, sent("GET", "/tokens/", host="not a host")),
    (400, sent("GET", "/api/v1/accounts", host="not a host")),
    (400, sent("GET", "/api/v1/accounts?access_token=x")),
    (400, sent("POST", "/oauth2/token", headers={"Content-Type": "text/plain"})),
    (401, lambda _school: send("GET", "/api/v1/accounts")),
    (401, lambda _school: send("POST", "/oauth2/introspect")),
    (403, sent("POST", "/tokens/new/", headers={"X-CSRFToken": ""})),
    (403, sent("POST", "/api/v1/users/self/tokens", headers={"X-CSRFToken": ""})),
    (403, sent("GET", "/verifiers/")),
    (404, sent("GET", "/nowhere/")),
    (404, sent("GET", "/static/nowhere.js")),
    (404, sent("GET", "/api/v1/nowhere")),
    (405, sent("POST", "/help/")),
    (405, sent("DELETE", "/api/v1/accounts")),
    (405, sent("PUT", "/oauth2/introspect")),
    (405, sent("TRACE", "/tokens/")),
    (413, too_long("/tokens/new/")),
    (413, too_long("/api/v1/users/self/tokens")),
    (429, locked_out),
    (429, called_too_often),
    (500, sent("GET", "/failing/")),
    (500, sent("GET", "/api/v1/failing")),
    (500, sent("GET", "/api/v1/failing-beside")),
]


@pytest.mark.urls("tests.api.failing_urls")
@pytest.mark.parametrize(("status", "ask"), FAILURES)
def test_a_refusal_gets_the_best_grade(school: School, status: int, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(UserRateThrottle.THROTTLE_RATES, "user", "2/min")
    answer = ask(school)
    assert answer.status == status
    assert faults_of(answer) == []


def test_a_host_that_is_not_ours_over_plain_http_is_refused_with_the_same_care() -> None:
    answer = send("GET", "/tokens/", host="elsewhere.example.com", scheme="http")
    assert answer.status == 400
    assert "elsewhere" not in answer.get("Location")
    faults = faults_of(answer)
    assert faults == ["80 points", "hsts-not-implemented -20", "Strict-Transport-Security: ''"]  # as RFC 6797 wants it


@pytest.mark.parametrize("path", ["/tokens/", "/api/v1/users/self", "/verify"])
def test_a_database_that_is_away_is_told_with_the_same_care(django_db_blocker: DjangoDbBlocker, path: str) -> None:
    def ask() -> Answer:
        options = {**connection.settings_dict["OPTIONS"], "host": "/nowhere"}
        connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
        bearer = {} if path == "/tokens/" else {"Authorization": f"Bearer {secrets.generate().text}"}
        return send("GET", path, session="a" * 32, headers=bearer)

    with django_db_blocker.unblock(), ThreadPoolExecutor() as other:  # a thread has a connection of its own
        answer = other.submit(ask).result()
    assert answer.status == 503
    assert faults_of(answer) == []


@pytest.mark.parametrize("name", ["vendor/htmx.min.js", "vendor/icons.svg", "css/app.css"])
def test_files_are_for_this_site_only_and_may_be_kept(name: str) -> None:
    answer = send("GET", f"/static/{name}")
    assert answer.status == 200
    assert "no-store" not in answer.get("Cache-Control")
    assert faults_of(answer, may_be_kept=True) == []
