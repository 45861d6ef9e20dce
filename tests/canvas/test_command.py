"""`manage.py sync_canvas`, the job, and the settings."""

import importlib
import io
import logging

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.canvas.words import _WHY, why
from accounts.models import User
from accounts.rosters import RosterRun
from accounts.tasks import sync_canvas
from tests.canvas.server import TOKEN, Canvas
from tests.cast import endless_token
from tokenportal.settings import jobs
from tokenportal.settings.canvas import canvas_token, canvas_url


def command(*options: str) -> tuple[int, str, str]:
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command("sync_canvas", *options, stdout=out, stderr=err)
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    except SystemExit as end:
        code = int(str(end.code))
    return code, " ".join(out.getvalue().split()), err.getvalue()


def test_it_says_what_it_did(db: None, canvas: Canvas) -> None:
    canvas.user(15, "robot", sis="")

    code, out, err = command()

    assert (code, err) == (0, "")
    assert "users │ 4 │ 0 │ 0 │ 0 │ 0" in out
    assert "Left out: 1 person without a SIS id" in out
    assert "Tokens shortened because of it: 0 of 0 in use" in out


def test_a_dry_run_says_so_and_is_not_kept(db: None, canvas: Canvas) -> None:
    code, out, _err = command("--dry-run")

    assert (code, User.objects.exists(), RosterRun.objects.exists()) == (0, False, False)
    assert "This was a dry run: nothing was changed." in out


def test_what_could_not_be_taken_is_named_and_the_exit_code_is_one(db: None, canvas: Canvas) -> None:
    canvas.enroll(13, 22, "Ta", role="Lab helper")
    canvas.enroll(12, 22, "Ta", role="Lab helper")

    code, _out, err = command()

    assert (code, err) == (1, "enrollments: role “Lab helper” is not known (2 times)\n")


def test_where_nothing_was_changed_it_says_why_and_the_exit_code_is_two(
    db: None, canvas: Canvas, settings: Settings
) -> None:
    settings.CANVAS_TOKEN = "wrong"
    code, _out, err = command()
    assert (code, "Nothing was changed. Canvas does not accept the token" in err) == (2, True)

    settings.CANVAS_URL = ""
    assert command() == (2, "", "Nothing was changed. CANVAS_URL and CANVAS_TOKEN are not set.")


def test_many_shortened_tokens_are_asked_about(db: None, canvas: Canvas) -> None:
    command()
    for _ in range(20):
        endless_token(User.objects.get(login_id="ann"))
    canvas.enroll(11, 22)
    canvas.enrollments[1]["enrollment_state"] = "completed"

    code, _out, err = command()
    assert code == 2
    assert "It would shorten 20 of the 20 tokens in use, more than 5 %. If that is right, run it with --yes." in err

    code, out, _err = command("--yes")
    assert (code, "Tokens shortened because of it: 20 of 20 in use" in out) == (0, True)


def test_the_job_does_the_same_and_its_failures_are_one_line_of_the_log(
    db: None, canvas: Canvas, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    sync_canvas()
    assert User.objects.count() == 4

    settings.CANVAS_TOKEN = "wrong" + TOKEN
    with caplog.at_level(logging.WARNING, "accounts.tasks"):
        sync_canvas()
    assert "Canvas was not synced. Canvas does not accept the token" in caplog.text
    assert TOKEN not in caplog.text

    settings.CANVAS_URL = ""
    sync_canvas()
    assert RosterRun.objects.count() == 2


def test_the_job_is_on_the_timetable_where_a_canvas_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "sync-canvas" not in jobs.CELERY_BEAT_SCHEDULE
    monkeypatch.setattr("tokenportal.settings.canvas.CANVAS_URL", "https://canvas.school.example")
    try:
        assert importlib.reload(jobs).CELERY_BEAT_SCHEDULE["sync-canvas"] == {
            "task": "accounts.tasks.sync_canvas",
            "schedule": 14400.0,
        }
    finally:
        monkeypatch.undo()
        importlib.reload(jobs)


@pytest.mark.parametrize(
    "address",
    [
        "http://canvas.school.example",
        "canvas.school.example",
        "https://canvas.school.example/api/v1",
        "https://canvas.school.example?x=1",
        "https://me:secret@canvas.school.example",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_not_safe_is_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CANVAS_URL"):
        canvas_url(address)


def test_a_good_address_is_taken() -> None:
    assert canvas_url("https://canvas.school.example/") == "https://canvas.school.example"
    assert canvas_url("http://localhost:3000") == "http://localhost:3000"
    assert canvas_url("") == ""


@pytest.mark.parametrize("token", ["a b", "a\nb", "ü", "a\x00"])
def test_a_token_that_fits_no_header_is_refused_without_being_said(token: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CANVAS_TOKEN") as refused:
        canvas_token(token, "https://canvas.school.example")
    assert token not in str(refused.value)


def test_an_address_without_a_token_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="CANVAS_TOKEN"):
        canvas_token(" ", "https://canvas.school.example")
    assert canvas_token(" abc\n", "https://canvas.school.example") == "abc"


def test_every_reason_has_its_words() -> None:
    facts = dict.fromkeys(("host", "what", "where", "gone", "known", "percent", "shortened", "tokens", "why"), "x")
    for code in _WHY:
        assert "%" not in why(code, facts).replace(" % ", "").replace(" %.", "")
