"""`manage.py issue_token`, `clamp_tokens` and `expire_tokens`: the same rules, by hand."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from tests.accounts.roster import dump
from tests.cast import School, token
from tests.commands.conftest import Run
from tokens.models import AccessToken
from tokens.tasks import CLAMP_LOCK, EXPIRE_LOCK
from tokens.verification import Outcome, verify


def test_a_token_is_printed_once_and_works(run: Run, school: School) -> None:
    ran = run("issue_token", "Teacher", "--purpose", "Grades")

    assert (ran.code, ran.err) == (0, "")
    [made] = AccessToken.objects.all()
    assert (made.user, made.purpose, made.expires_at) == (school.teacher, "Grades", None)
    assert verify(ran.out.strip(), now=timezone.now()).outcome == Outcome.LIVE


def test_every_refusal_is_named_with_its_code(run: Run, school: School) -> None:
    ran = run("issue_token", "student", "--purpose", " ")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        "purpose_blank: Purpose is required.",
        "expiry_required: Expiration date is required",
    ]
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(("days", "code"), [(119, 0), (122, 1)])
def test_the_cap_holds_in_the_command_too(run: Run, school: School, days: int, code: int) -> None:
    day = (timezone.now() + timedelta(days=days)).date()

    assert run("issue_token", "student", "--purpose", "Homework", "--expires", str(day)).code == code


def test_nobody_is_not_a_person(run: Run) -> None:
    ran = run("issue_token", "nobody", "--purpose", "x")

    assert (ran.code, ran.err) == (2, "Nobody signs in as nobody.")


@pytest.fixture
def overdue(school: School) -> None:
    """Tokens past their end, and one of somebody who lost their role behind the portal's back."""
    now = timezone.now()
    token(school.student, days=1, now=now - timedelta(days=3))
    token(school.student, days=1, now=now - timedelta(days=4))
    token(school.teacher, days=None, now=now - timedelta(days=3))
    school.teacher.enrollments.update(state="completed")


@pytest.mark.usefixtures("overdue")
def test_a_dry_run_counts_and_changes_nothing(run: Run) -> None:
    before = dump()

    assert "would be shortened: 1" in run("clamp_tokens", "--dry-run").out
    assert "would be noted as expired: 2" in run("expire_tokens", "--dry-run").out
    assert dump() == before


@pytest.mark.usefixtures("overdue")
def test_the_commands_do_what_the_jobs_do_and_find_nothing_the_second_time(run: Run) -> None:
    assert "shortened: 1" in run("clamp_tokens").out
    assert "expired: 2" in run("expire_tokens").out
    assert "shortened: 0" in run("clamp_tokens").out
    assert "expired: 0" in run("expire_tokens").out


@pytest.mark.parametrize(("command", "key"), [("clamp_tokens", CLAMP_LOCK), ("expire_tokens", EXPIRE_LOCK)])
def test_a_command_steps_back_where_the_job_is_at_work(run: Run, command: str, key: int) -> None:
    parameters = connection.get_connection_params()
    names = ("dbname", "host", "user", "password", "port")
    with psycopg.connect(**{name: parameters[name] for name in names if parameters.get(name)}) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [key])
        assert run(command).code == 1
