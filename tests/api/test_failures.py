"""What is our fault, or the database's, is said in the same shape."""

import json
import os
import subprocess
import sys

import pytest
from django.test import Client
from rest_framework.throttling import UserRateThrottle

from tests.api.caller import bearer_of
from tests.cast import School
from tokenportal.embedded import REPOSITORY
from tokens import secrets

AWAY = """
import json, os, sys
import django
django.setup()
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS = ["testserver"]
client, answers = Client(raise_request_exception=False), []
for path, headers in json.loads(sys.argv[1]):
    response = client.get(path, headers=headers)
    answers.append([response.status_code, response["Content-Type"], dict(response.headers), response.content.decode()])
print(json.dumps(answers))
"""


@pytest.mark.urls("tests.api.failing_urls")
@pytest.mark.parametrize("path", ["failing", "failing-beside"])
def test_what_nobody_caught_names_the_request_and_nothing_else(
    school: School, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caller = bearer_of(school.student)
    response = caller.client.get(f"/api/v1/{path}", headers={**caller.headers, "X-Request-Id": "report-0001"})
    assert (response.status_code, response.json()) == (
        500,
        {
            "errors": [{"message": "An error occurred.", "code": "internal_server_error"}],
            "error_report_id": "report-0001",
        },
    )
    assert "report-0001" in caplog.text
    assert "a secret detail" in caplog.text


@pytest.mark.urls("tests.api.failing_urls")
def test_a_page_that_fails_is_a_page() -> None:
    response = Client(raise_request_exception=False).get("/failing/")
    assert (response.status_code, response["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert b"a secret detail" not in response.content


def test_a_page_that_is_not_there_is_a_page(db: None) -> None:
    response = Client().get("/nothing/")
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_form_without_its_csrf_token_is_a_page(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/login/", {})
    assert (response.status_code, response["Content-Type"]) == (403, "text/html; charset=utf-8")


def test_with_the_database_away_the_answer_is_503_and_never_a_verdict() -> None:
    secret = secrets.generate().text
    calls = [
        ["/api/v1/users/self", {"Authorization": f"Bearer {secret}"}],
        ["/api/v1/users/self", {"Cookie": "__Host-sessionid=" + "a" * 32}],
        ["/tokens/", {"Cookie": "__Host-sessionid=" + "a" * 32}],
        ["/api/v1/users/self", {"Authorization": "Bearer garbage"}],
        ["/api/v1/users/self", {}],
    ]
    environment = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "DJANGO_SETTINGS_MODULE": "tokenportal.settings",
        "DEBUG": "0",
        "SECRET_KEY": "x" * 60,
        "TOKEN_KEYS": "one:" + "eHh4" * 12,
        "SECURE_SSL_REDIRECT": "0",
    }
    done = subprocess.run(
        [sys.executable, "-c", AWAY, json.dumps(calls)],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    bearer, session, page, garbage, nobody = json.loads(done.stdout.splitlines()[-1])
    for status, content_type, headers, body in (bearer, session):
        assert (status, content_type, headers["Retry-After"]) == (503, "application/json", "5")
        assert json.loads(body)["errors"][0]["code"] == "unavailable"
        assert json.loads(body)["error_report_id"] == headers["X-Request-Id"]
    assert page[:2] == [503, "text/html; charset=utf-8"]
    assert (garbage[0], nobody[0]) == (401, 401)
    assert secret not in done.stderr.decode()


def test_too_many_calls_are_told_when_to_come_back(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(UserRateThrottle.THROTTLE_RATES, "user", "2/min")
    caller = bearer_of(school.student)
    answers = [caller.get("users/self") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].code == "rate_limited"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
