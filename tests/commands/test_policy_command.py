"""`manage.py policy`: the same preview, words and rules as at the other doors."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.utils import timezone

from accounts.audit import AuditEvent
from policies import settings
from policies.models import PlannedChange, Policy, Stage
from tests.api.caller import bearer_of, manager_of
from tests.api.test_token_policy import timeless
from tests.cast import School, token

PATH = "accounts/self/token_policy"


@pytest.fixture(autouse=True)
def held(school: School) -> None:
    token(school.student, days=119, now=timezone.now())


def run(*arguments: str) -> tuple[str, str]:
    out, errors = StringIO(), StringIO()
    call_command("policy", *arguments, stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def quoted(text: str) -> str:
    [quote] = [line.removeprefix("Quote: ") for line in text.splitlines() if line.startswith("Quote: ")]
    return quote


def refused(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as error:
        run(*arguments)
    return error.value


def test_no_argument_hides_one_that_every_command_has() -> None:
    given = load_command_class("policies", "policy").create_parser("manage.py", "policy").parse_args(["plan", "a=1"])
    assert (given.settings, given.pythonpath) == (None, None)


def test_a_plan_says_what_changes_and_what_that_does_and_saves_nothing() -> None:
    text, _errors = run("plan", "student_cap_days=30", "audience=no_students")
    assert "Student limit: not set → 30 days" in text
    assert "Who may create tokens: not set → everyone except students" in text
    assert "1 token gets an earlier end" in text
    assert "Student: Grade dashboard → " in text
    assert not Policy.objects.exists()


def test_the_three_doors_say_the_same_and_take_each_others_quotes(school: School) -> None:
    text, _errors = run("plan", "student_cap_days=30")
    admin, body = manager_of(school.admin), {"token_policy": {"student_cap_days": 30}}
    answer = admin.post(f"{PATH}/preview", body).body
    assert [line.strip() for line in text.splitlines() if line.startswith("  ") and "→" not in line] == answer["words"]
    by_command = json.loads(run("plan", "student_cap_days=30", "--json")[0])
    assert timeless(by_command) == timeless(answer)
    assert admin.put(PATH, {**body, "quote": quoted(text)}).status == 200
    waiting = PlannedChange.objects.get()
    assert (waiting.made_by, waiting.stage) == (school.admin, Stage.WAITING)


def test_a_change_is_made_as_it_was_shown_and_undone(school: School) -> None:
    quote = quoted(run("plan", "student_cap_days=30", "--grace", "7")[0])
    text, _errors = run("apply", "student_cap_days=30", "--grace", "7", "--quote", quote)
    assert "can be undone" in text
    assert AuditEvent.objects.get(action="policy.plan").actor is None
    assert "student_cap_days = 30 days" in run("show")[0]
    assert f" in {school.root}: student_cap_days = 30 days" in run("show", "--account", str(school.arts.pk))[0]
    assert "Undone" in run("undo")[0]
    assert PlannedChange.objects.get().stage == Stage.UNDONE
    assert refused("undo").returncode == 1


def test_without_its_quote_it_is_shown_and_refused_with_exit_code_3(school: School) -> None:
    error = refused("apply", "student_cap_days=30")
    assert error.returncode == 3
    quote = quoted(run("plan", "student_cap_days=30")[0])
    token(school.other_student, days=119, now=timezone.now())
    assert refused("apply", "student_cap_days=30", "--quote", quote).returncode == 3
    assert not PlannedChange.objects.exists()


def test_without_grace_the_number_is_typed() -> None:
    wanted = ("student_cap_days=30", "--grace", "0")
    quote = quoted(run("plan", *wanted)[0])
    assert refused("apply", *wanted, "--quote", quote).returncode == 3
    assert "1 token has an earlier end." in run("apply", *wanted, "--quote", quote, "--typed", "1")[0]
    assert Policy.objects.get().student_cap_days == 30


class Terminal(StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "is_saved"), [("y\n", True), ("\n", False), ("", False)])
def test_at_a_terminal_it_is_shown_and_asked(monkeypatch: pytest.MonkeyPatch, typed: str, is_saved: bool) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    try:
        run("apply", "student_cap_days=30")
    except CommandError as error:
        assert str(error) == "Nothing was changed."
    assert PlannedChange.objects.exists() == is_saved


def test_a_change_that_is_being_carried_out_says_how_far_it_is(school: School) -> None:
    now = timezone.now()
    wanted = ("student_cap_days=30",)
    run("apply", *wanted, "--quote", quoted(run("plan", *wanted)[0]))
    PlannedChange.objects.update(stage=Stage.APPLYING, applied_at=now, shortened=7)
    assert "Being carried out: student_cap_days = 30 days (tokens reached: 7)" in run("show")[0]
    assert "being carried out" in str(refused("apply", *wanted, "--quote", quoted(run("plan", *wanted)[0])))


def test_settings_are_shown_with_their_origin(school: School) -> None:
    settings.change(
        school.root, {"student_cap_days": 60, "locked": ["student_cap_days"]}, actor=None, now=timezone.now()
    )
    text, _errors = run("show", "--account", str(school.arts.pk))
    assert f"student_cap_days = 60 days  ({school.root}, locked by {school.root})" in text
    assert "tokens_at_once = no limit  (the default)" in text
    shown = json.loads(run("show", "--account", str(school.arts.pk), "--json")[0])
    assert shown == bearer_of(school.arts_admin).get(f"accounts/{school.arts.pk}/token_policy").body


def test_a_setting_is_left_to_the_account_above(school: School) -> None:
    settings.change(school.arts, {"student_cap_days": 60, "student_scopes": ["a:b"]}, actor=None, now=timezone.now())
    here = ("--account", str(school.arts.pk))
    wanted = ("student_cap_days=inherit", "student_scopes=inherit", "longer_on_request=yes")
    run("apply", *wanted, *here, "--quote", quoted(run("plan", *wanted, *here)[0]))
    policy = Policy.objects.get(account=school.arts)
    assert (policy.student_cap_days, policy.student_scopes, policy.longer_on_request) == (None, None, True)


def test_none_is_no_limit_no_text_and_no_lock(school: School) -> None:
    before = {"teaching_cap_days": 90, "guidance_text": "Ask first.", "locked": ["audience"], "student_scopes": ["a:b"]}
    settings.change(school.root, before, actor=None, now=timezone.now())
    wanted = [f"{name}=none" for name in before if name != "student_scopes"]
    run("apply", *wanted, "--quote", quoted(run("plan", *wanted)[0]))
    policy = Policy.objects.get()
    assert (policy.teaching_cap_days, policy.guidance_text, policy.locked) == (0, "", [])
    wanted = ["student_scopes=c:d,a:b,c:d"]
    run("apply", *wanted, "--quote", quoted(run("plan", *wanted)[0]))
    assert Policy.objects.get().student_scopes == ["a:b", "c:d"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "student_cap_days=121"),
        ("plan", "student_cap_days=many"),
        ("plan", "nothing=1"),
        ("plan", "student_cap_days"),
        ("plan", "student_cap_days=30", "--account", "9999"),
        ("plan", "student_cap_days=30", "--grace", "400"),
        ("plan", "audience=admins_only", "--existing", "end_on"),
        ("plan", "audience=admins_only", "--existing", "end_on", "--existing-end", "soon"),
        ("apply", "student_cap_days=30", "--quote", "x"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_is_said_and_changes_nothing(arguments: tuple[Any, ...]) -> None:
    assert str(refused(*arguments))
    assert not Policy.objects.exists()
    assert not PlannedChange.objects.exists()
