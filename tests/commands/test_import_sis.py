"""`manage.py import_sis`: what it prints, and how it ends."""

from pathlib import Path

import pytest

from accounts.models import User
from tests.accounts.roster import SMALL, deprives, write
from tests.cast import School
from tests.commands.conftest import Run
from tokens.models import AccessToken


def test_a_good_roster_ends_well(run: Run, tmp_path: Path) -> None:
    ran = run("import_sis", str(write(tmp_path, dict(SMALL))))

    assert (ran.code, ran.err) == (0, "")
    assert "users.csv" in ran.out
    assert User.objects.count() == 2


def test_a_dry_run_says_so_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    ran = run("import_sis", str(write(tmp_path, dict(SMALL))), "--dry-run")

    assert ran.code == 0
    assert "nothing was changed" in ran.out
    assert not User.objects.exists()


def test_bad_lines_are_named_on_stderr_and_the_exit_code_is_one(run: Run, tmp_path: Path) -> None:
    rows = SMALL["enrollments.csv"] + "c1,nobody,student,s1,active\n"
    ran = run("import_sis", str(write(tmp_path, {**SMALL, "enrollments.csv": rows})))

    assert ran.code == 1
    assert ran.err == "enrollments.csv:4: user_id “nobody” is not known\n"
    assert User.objects.count() == 2


def test_what_a_file_holds_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    rows = "user_id,login_id,status\nx,x,\x1b[2J\n"
    ran = run("import_sis", str(write(tmp_path, {"users.csv": rows})))

    assert "\x1b" not in ran.err


def test_where_there_is_nothing_to_read_the_exit_code_is_two(run: Run, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        ran = run("import_sis", str(path))
        assert ran.code == 2
        assert str(path) in ran.err


@pytest.fixture
def deep(school: School, tmp_path: Path) -> Path:
    """A roster that ends the only teacher's role; hers are 20 of 25 tokens."""
    return deprives(school, tmp_path / "the roster", of=20, beside=5)


def test_where_it_would_shorten_many_tokens_it_asks_and_the_exit_code_is_three(run: Run, deep: Path) -> None:
    ran = run("import_sis", str(deep))

    assert ran.code == 3
    assert ran.err == (
        "Nothing was changed: this roster would shorten 20 of the 25 tokens in use, more than 5 %. "
        f"If that is right, type: manage.py import_sis '{deep}' --yes"
    )
    assert "Tokens would be shortened because of it: 20 of 25 in use" in ran.out
    assert AccessToken.objects.filter(expires_at=None).count() == 20


def test_a_dry_run_says_that_it_would_ask(run: Run, deep: Path) -> None:
    ran = run("import_sis", str(deep), "--dry-run")

    assert ran.code == 0
    assert "It would stop and ask: this roster would shorten 20 of the 25 tokens in use" in ran.out
    assert "It would stop and ask" not in run("import_sis", str(deep), "--dry-run", "--yes").out
    assert AccessToken.objects.filter(expires_at=None).count() == 20


def test_who_says_yes_is_not_asked(run: Run, deep: Path) -> None:
    ran = run("import_sis", str(deep), "--yes")

    assert (ran.code, ran.err) == (0, "")
    assert "Tokens shortened because of it: 20 of 25 in use" in ran.out
    assert not AccessToken.objects.filter(expires_at=None).exists()
