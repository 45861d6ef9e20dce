"""What a line of the log says, and what it never says."""

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import NOW, School
from tests.gateway.asking import ask
from tokens import feeds, lifecycle, secrets, verifiers

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Give what our handler writes in production's form, to every logger's lines, DEBUG's too."""
    stream = io.StringIO()
    ours: dict[str, Any] = deepcopy(settings.LOGGING)
    ours["handlers"]["stderr"] |= {"stream": stream, "formatter": "json"}
    ours["root"]["level"] = "DEBUG"
    logging.config.dictConfig(ours)
    yield stream
    logging.config.dictConfig(settings.LOGGING)


@pytest.fixture
def lines(written: io.StringIO) -> Lines:
    """Give a way to read the lines written so far; every one must be JSON."""
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.fixture
def requests(lines: Lines) -> Lines:
    """The same for lines of requests."""
    return lambda: [line for line in lines() if line["logger"] == "tokenportal.requests"]


@pytest.mark.django_db
def test_a_request_has_one_line_that_says_who_asked_for_what(school: School, requests: Lines) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(school.student)
    answer = client.get("/?page=2", headers={"X-Request-Id": "from-the-proxy"})
    [line] = requests()
    ms = line.pop("ms")
    assert isinstance(ms, float)
    assert line | {"time": ""} == {
        "time": "",
        "level": "INFO",
        "logger": "tokenportal.requests",
        "message": f"GET / {answer.status_code} in {ms} ms",
        "request_id": "from-the-proxy",
        "method": "GET",
        "path": "/",
        "status": answer.status_code,
        "person": school.student.pk,
    }


@pytest.mark.django_db
def test_the_address_of_a_calendar_is_in_no_line(
    school: School, written: io.StringIO, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = feeds.make(school.student, now=NOW)
    client = Client(raise_request_exception=False)
    assert client.get(f"/calendar/{address}.ics").status_code == 200
    feeds.stop(school.student, now=NOW)
    assert client.get(f"/calendar/{address}.ics").status_code == 404
    monkeypatch.setattr(feeds, "text_for", lambda *_args, **_named: 1 / 0)
    again = feeds.make(school.student, now=NOW)
    assert client.get(f"/calendar/{again}.ics").status_code == 500
    assert address not in written.getvalue()
    assert again not in written.getvalue()
    assert [line["path"] for line in lines() if "path" in line] == ["/calendar/….ics"] * 3


@pytest.mark.django_db
def test_a_bearer_is_a_person_too(school: School, requests: Lines) -> None:
    issued = lifecycle.issue(school.teacher, purpose="Try", expires_at=None, actor=school.teacher, now=NOW)
    Client().get("/api/v1/users/self", headers={"Authorization": f"Bearer {issued.secret}"})
    assert [line["person"] for line in requests()] == [school.teacher.pk]


@pytest.mark.django_db
def test_nobody_in_particular_is_left_out(requests: Lines) -> None:
    Client().get("/login/")
    assert ["person" in line for line in requests()] == [False]


@pytest.mark.django_db
def test_probes_have_a_line_only_when_the_answer_is_bad(requests: Lines, settings: Any) -> None:
    for path in ("/healthz", "/livez", "/readyz"):
        assert Client().get(path).status_code == 200
    assert not requests()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    Client().get("/readyz")
    assert [(line["path"], line["status"]) for line in requests()] == [("/readyz", 503)]


@pytest.mark.django_db
def test_nobody_can_begin_a_line_of_their_own(written: io.StringIO) -> None:
    Client().get("/x%0A%7B%22message%22%3A%22forged%22%7D")
    assert all(not line.startswith('{"message') for line in written.getvalue().splitlines())
    assert "/x%0A%7B" in written.getvalue()


@pytest.mark.django_db
def test_every_line_of_a_request_has_its_id(lines: Lines, school: School) -> None:
    client = Client()
    client.force_login(school.student)
    client.get("/tokens/", headers={"X-Request-Id": "abcdefgh"})
    assert {line.get("request_id") for line in lines()} <= {"abcdefgh", None}
    assert "abcdefgh" in {line.get("request_id") for line in lines()}


def test_a_host_that_is_not_ours_is_a_refusal_and_no_error(lines: Lines) -> None:
    assert Client(raise_request_exception=False).get("/login/", headers={"Host": "evil.example"}).status_code == 400
    [line] = lines()
    assert (line["logger"], line["level"]) == ("tokenportal.requests", "INFO")


def test_an_error_has_its_traceback_in_its_line(lines: Lines) -> None:
    try:
        int("a" * 3)
    except ValueError:
        logging.getLogger("x").exception("broke")
    [line] = lines()
    assert (line["level"], line["message"]) == ("ERROR", "broke")
    assert "ValueError: invalid literal" in line["traceback"]


def test_axes_says_nothing_that_is_no_warning(lines: Lines) -> None:
    for name in ("axes", "axes.apps", "axes.handlers.database"):
        logging.getLogger(name).info("AXES: hello")
        logging.getLogger(name).warning("closed")
    assert [line["message"] for line in lines()] == ["closed"] * 3


def test_no_handler_of_anybody_elses_writes_beside_ours(written: io.StringIO) -> None:
    for name in ("django", "django.server", "django.request", "django.security", "axes", "celery", "tokens"):
        assert all(type(each) is logging.NullHandler for each in logging.getLogger(name).handlers), name
        assert logging.getLogger(name).propagate, name


def test_arguments_that_do_not_fit_are_masked_too(written: io.StringIO) -> None:
    token = secrets.generate()
    logging.getLogger("x").error("%d of them", token.text)
    assert token.lookup_id in written.getvalue()
    assert token.text[-49:] not in written.getvalue()


@pytest.mark.parametrize("prefix", [None, settings.VERIFIER_PREFIX])
def test_a_secret_that_is_cut_off_or_dressed_up_is_masked(written: io.StringIO, prefix: str | None) -> None:
    token = secrets.generate(prefix)
    head, lookup, secret = token.text.split("_")
    for text in (token.text[:-1], token.text[:60], f"{head}%5F{lookup}%5F{secret}", secret, f"{token.text}x"):
        logging.getLogger("x").error("got %s", text, extra={"path": text}, stack_info=True)
    assert secret[:30] not in written.getvalue()


@pytest.mark.django_db
def test_wherever_a_secret_is_put_no_line_holds_it(school: School, written: io.StringIO) -> None:
    issued = lifecycle.issue(school.teacher, purpose="Try", expires_at=None, actor=school.teacher, now=NOW)
    verifier = verifiers.register("Gradebook", owner=school.admin, actor=school.admin, now=NOW)
    client = Client(raise_request_exception=False)
    for secret in (issued.secret, verifier.secret):
        put_everywhere(client, secret)
    client.force_login(school.teacher)
    for secret in (issued.secret, verifier.secret):
        put_everywhere(client, secret)
    said = written.getvalue()
    assert issued.token.lookup_id in said
    for secret in (issued.secret, verifier.secret):
        assert secret.rsplit("_", 1)[1] not in said
        assert secret.rsplit("_", 1)[1][:20] not in said


def put_everywhere(client: Client, secret: str) -> None:
    """Send a secret where it belongs and where it does not."""
    bearer = {"Authorization": f"Bearer {secret}"}
    client.get("/api/v1/users/self", headers=bearer)
    client.get(f"/api/v1/users/self/tokens/{secret}", headers=bearer)
    client.get(f"/{secret}?access_token={secret}", headers={"Referer": f"http://x/{secret}"})
    client.get(f"/api/v1/users/self?access_token={secret}", headers={"X-Request-Id": secret})
    client.get("/", headers={"Host": secret, "User-Agent": secret, "Cookie": f"sessionid={secret}"})
    client.post("/login/", {"username": secret, "password": secret})
    client.post("/tokens/new/", {"purpose": secret, "days": secret, "key": secret})
    client.post("/api/v1/users/self/tokens", {"token": {"purpose": secret}}, content_type="application/json")
    ask("/verify", authorization=f"Bearer {secret}", query=f"scope={secret}")
    ask("/oauth2/introspect", method="POST", form={"token": secret, "client_id": secret, "client_secret": secret})
    ask("/oauth2/introspect", method="POST", raw=secret.encode(), authorization=f"Basic {secret}")
    ask(f"/verify/{secret}", authorization=secret)
