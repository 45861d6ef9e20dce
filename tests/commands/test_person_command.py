"""`manage.py person`: switching people off and on by hand, as whoever may on the page."""

import pytest

from accounts.audit import AuditEvent
from accounts.models import User
from tests.cast import School, token
from tests.commands.conftest import Run
from tokens.models import State


@pytest.mark.parametrize(
    ("option", "state", "said"),
    [
        ([], State.REVOKED, "ended: 1, suspended: 0"),
        (["--tokens", "suspend"], State.SUSPENDED, "ended: 0, suspended: 1"),
    ],
)
def test_a_person_leaves_and_comes_back_without_their_token(
    run: Run, school: School, option: list[str], state: State, said: str
) -> None:
    made = token(school.student, days=100).token

    ran = run("person", "deactivate", "Student", *option, "--by", "admin", "--reason", "Left")

    assert (ran.code, ran.out.strip()) == (0, f"student is deactivated. Tokens {said}.")
    assert not User.objects.get(pk=school.student.pk).is_active
    line = AuditEvent.objects.get(action="person.deactivate")
    assert (line.actor, line.person, line.reason) == (school.admin, school.student, "Left")

    assert run("person", "reactivate", "student", "--by", "admin").out.strip() == "student may sign in again."
    made.refresh_from_db()
    assert made.state == state


def test_what_they_may_not_do_on_the_page_they_may_not_do_here(run: Run, school: School) -> None:
    for by, whom in (("arts-admin", "student"), ("admin", "admin")):
        ran = run("person", "deactivate", whom, "--by", by)
        assert (ran.code, ran.err) == (1, f"{by} may not do this to {whom}.")
    assert not User.objects.filter(is_active=False).exists()


def test_a_name_that_nobody_has_is_said(run: Run, school: School) -> None:
    ran = run("person", "reactivate", "nobody", "--by", "admin")

    assert (ran.code, ran.err) == (2, "Nobody signs in as nobody.")
