"""`manage.py create_admin`: the first administrator of a real school."""

from io import StringIO

import pytest

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.people import membership
from accounts.roles import Permission
from tests.cast import NOW, School
from tests.commands.conftest import Run


def typed(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    """Have a password come on standard input."""
    monkeypatch.setattr("sys.stdin", StringIO(f"{password}\n"))


def test_an_administrator_holds_every_right_at_the_root(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "aurora-borealis-42")

    assert run("create_admin", "boss", "--name", "Ada Boss", "--password-stdin").code == 0

    boss = User.objects.get(login_id="boss")
    assert boss.check_password("aurora-borealis-42")
    assert boss.sortable_name == "Boss, Ada"
    assert membership(boss, now=NOW).standing.permissions == set(Permission)
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {"person.add", "enrollment.add"}


@pytest.mark.parametrize(
    ("login", "options", "password"),
    [
        ("boss", (), "short"),
        ("boss", (), "password"),
        ("TEACHER", (), "aurora-borealis-42"),
        ("boss", ("--email", "no address"), "aurora-borealis-42"),
    ],
)
@pytest.mark.usefixtures("school")
def test_a_weak_password_a_taken_name_or_a_bad_address_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, login: str, options: tuple[str, ...], password: str
) -> None:
    typed(monkeypatch, password)
    people = User.objects.count()

    assert run("create_admin", login, "--name", "Ada Boss", "--password-stdin", *options).code == 1
    assert User.objects.count() == people


def test_the_cast_is_untouched_by_a_new_administrator(
    run: Run, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "aurora-borealis-42")
    run("create_admin", "boss", "--name", "Ada Boss", "--password-stdin")

    assert school.admin.enrollments.count() == 1
