"""The page on which administrators see how loading the roster went."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.rosters import RosterRun, Source, begin
from tests.accounts.roster import SMALL, deprives, write
from tests.canvas.conftest import Runner
from tests.canvas.server import TOKEN, Canvas
from tests.cast import NOW, School
from tests.pages.visits import client_of, text_of


def page(school: School) -> str:
    """What it says, without its tags."""
    return " ".join(re.sub("<[^>]*>", " ", text_of(client_of(school.admin).get("/rosters/"))).split())


def test_it_is_for_who_keeps_the_rules_of_the_whole_school(school: School) -> None:
    for user in (school.arts_admin, school.teacher, school.student):
        assert client_of(user).get("/rosters/").status_code == 403


def test_where_nothing_is_set_it_says_how(school: School) -> None:
    assert "Whoever runs the portal sets CANVAS_URL and CANVAS_TOKEN" in page(school)


def test_it_says_how_often_it_is_read_and_what_came(run: Runner, school: School, settings: Settings) -> None:
    settings.CANVAS_SYNC_EVERY = 5400.0
    run()
    run.canvas.user(15, "robot", sis="")
    run()

    said = page(school)
    assert "every 90 minutes" in said
    assert f"127.0.0.1:{run.canvas.port}" in said
    assert "Last went well 23 November 2026, 12:00" in said
    assert "Nothing had changed. Left out: 1 person without a SIS id" in said


def test_it_says_why_the_last_run_failed_and_when_one_went_well(run: Runner, school: School, canvas: Canvas) -> None:
    run()
    run.now, run.token = NOW + timedelta(hours=4), "wrong"
    run.fails()

    said = page(school)
    assert "Nothing was changed. Canvas does not accept the token" in said
    assert "Last went well 23 November 2026, 12:00" in said
    assert TOKEN not in said


def test_it_says_what_could_not_be_taken(run: Runner, school: School, canvas: Canvas) -> None:
    canvas.enroll(13, 22, "Ta", role="<b>Lab helper")
    run()

    answer = client_of(school.admin).get("/rosters/")
    assert "What could not be taken" in text_of(answer)
    assert "role “&lt;b&gt;Lab helper” is not known" in answer.content.decode()


def test_files_that_are_loaded_stand_there_too(school: School, tmp_path: Path) -> None:
    call_command("import_sis", write(tmp_path, dict(SMALL)), "--dry-run")
    assert not RosterRun.objects.exists()

    call_command("import_sis", write(tmp_path, dict(SMALL)))
    with pytest.raises(CommandError):
        call_command("import_sis", tmp_path / "nowhere")
    with pytest.raises(CommandError):
        call_command("import_sis", deprives(school, tmp_path / "deep", of=20, beside=5))

    assert list(RosterRun.objects.order_by("pk").values_list("source", "outcome", "code")) == [
        ("files", "done", ""),
        ("files", "failed", "refused"),
        ("files", "failed", "shortens"),
    ]
    said = page(school)
    assert "neither a directory nor a zip" in said or "cannot be read" in said
    assert "It would shorten 20 of the 25 tokens in use, more than 5 %." in said


def test_old_runs_are_forgotten(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.rosters.RUNS_KEPT", 3)
    for _ in range(5):
        begin(Source.CANVAS, now=NOW)

    assert RosterRun.objects.count() == 3
    assert "Failed" in page(school)
    assert "Running" in page(school)
