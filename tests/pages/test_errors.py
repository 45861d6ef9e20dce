"""Pages about what went wrong: in our style and the reader's language, with a way back, and in need of nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker, Settings

from tests.cast import School
from tests.pages.visits import client_of, text_of

ID = {"X-Request-Id": "report-0002"}
ASKING = {"Accept-Language": "ar", **ID}
Ask = Callable[..., Any]


def bad_request(headers: dict[str, str]) -> Any:
    return Client().get("/login/", headers={**headers, "Host": "not a host"})


def forbidden(headers: dict[str, str]) -> Any:
    return Client(enforce_csrf_checks=True).post("/login/", {"username": "student"}, headers=headers)


def missing(headers: dict[str, str]) -> Any:
    return Client().get("/nowhere/", headers=headers)


def too_many(headers: dict[str, str]) -> Any:
    client = Client()
    for _ in range(6):
        answer = client.post("/login/", {"username": "student", "password": "wrong"}, headers=headers)
    return answer


def broken(headers: dict[str, str]) -> Any:
    return Client(raise_request_exception=False).get("/failing/", headers=headers)


KINDS = [(400, bad_request), (403, forbidden), (404, missing), (429, too_many), (500, broken)]


@pytest.mark.urls("tests.api.failing_urls")
@pytest.mark.parametrize(("status", "ask"), KINDS)
def test_an_error_is_a_page_of_ours_with_a_way_back(school: School, status: int, ask: Ask) -> None:
    answer = ask(ID)
    page = text_of(answer)
    assert answer.status_code == status
    assert f'<p class="code-no">{status}</p>' in page
    assert '<a class="btn secondary" href="/">' in page
    assert 'href="/help/"' in page
    assert '<html lang="en" dir="ltr">' in page
    assert ("report-0002" in page) == (status != 429)


@pytest.mark.urls("tests.api.failing_urls")
@pytest.mark.parametrize(("status", "ask"), KINDS)
def test_an_error_is_told_in_the_language_of_the_reader(school: School, status: int, ask: Ask) -> None:
    assert '<html lang="ar" dir="rtl">' in text_of(ask(ASKING))
    assert '<html lang="en" dir="ltr">' in text_of(ask(ID))


@pytest.mark.urls("tests.api.failing_urls")
def test_a_failure_needs_no_database_to_be_told(
    school: School, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert broken(ID).status_code == 500
        assert missing(ID).status_code == 404


def test_a_database_that_is_away_is_told_with_503(django_db_blocker: DjangoDbBlocker) -> None:
    def ask_without_database() -> Any:
        options = {**connection.settings_dict["OPTIONS"], "host": "/nowhere"}
        connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
        client = Client(raise_request_exception=False)
        client.cookies["sessionid"] = "a" * 32
        return client.get("/tokens/", headers=ASKING)

    with django_db_blocker.unblock(), ThreadPoolExecutor() as other:  # a thread has a connection of its own
        answer = other.submit(ask_without_database).result()
    page = text_of(answer)
    assert answer.status_code == 503
    assert '<html lang="ar" dir="rtl">' in page
    assert '<p class="code-no">503</p>' in page
    assert "report-0002" in page


def test_what_is_too_much_is_a_page_too(school: School) -> None:
    answer = client_of(school.student).post("/preferences/", {"locale": "x" * 70_000})
    assert answer.status_code == 413
    assert "This request makes no sense" in text_of(answer)


def test_after_a_form_that_failed_a_change_of_language_leads_to_a_page(school: School) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(school.student, "django.contrib.auth.backends.ModelBackend")
    refused = text_of(client.post("/logout/"))
    assert 'name="next" value="/"' in refused
    assert 'name="next" value="/nowhere/"' in text_of(client.get("/nowhere/"))


@pytest.mark.parametrize("path", ["/nowhere/", "/tokens/999999/"])
def test_the_demo_shows_the_page_that_a_school_would_see(school: School, settings: Settings, path: str) -> None:
    settings.DEBUG = True
    answer = client_of(school.student).get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in text_of(answer)
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]  # or it is shown without its style
