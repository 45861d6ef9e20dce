"""`manage.py emergency`."""

import json

from accounts.audit import AuditEvent
from tests.cast import School, token
from tests.commands.conftest import Run
from tokens.models import Pause


def test_everything_is_paused_and_lifted_from_the_command_line(school: School, run: Run) -> None:
    token(school.student)
    assert run("emergency", "status").out == "Nothing is paused.\n"
    assert run("emergency", "status", "--everything").out.startswith("1 tokens of 1 people")
    ran = run("emergency", "pause", "--everything", "--reason", "Something is wrong")
    made = Pause.objects.get()
    assert f"manage.py emergency lift {made.pk}" in ran.out
    assert "everything" in run("emergency", "status").out
    assert run("emergency", "lift", str(made.pk)).out.startswith("Lifted: everything.")
    assert [each.actor for each in AuditEvent.objects.filter(action__startswith="pause.")] == [None, None]


def test_it_is_done_in_the_name_of_somebody_within_their_rights(school: School, run: Run) -> None:
    reason = ("--reason", "Something is wrong", "--by", "arts-admin")
    ran = run("emergency", "pause", "--everything", *reason)
    assert (ran.code, ran.err) == (1, "That is beyond the rights of this person.")
    ran = run("emergency", "pause", "--account", str(school.arts.pk), "--role", "student", *reason, "--json")
    told = json.loads(ran.out)
    assert (told["whom"], told["role"], told["made_by"]) == ("role", "student", school.arts_admin.pk)
    [listed] = json.loads(run("emergency", "status", "--json").out)
    assert listed == told
    assert run("emergency", "lift", str(told["id"]), "--by", "teacher").code == 1


def test_what_nobody_knows_is_said(school: School, run: Run) -> None:
    reason = ("--reason", "Something is wrong")
    assert "There is no course NONE." in run("emergency", "pause", "--course", "NONE", *reason).err
    assert "There is no account 999." in run("emergency", "pause", "--account", "999", *reason).err
    assert "Say whose tokens" in run("emergency", "pause", *reason).err
    assert "There is no pause 999." in run("emergency", "lift", "999").err
    assert run("emergency", "pause", "--course", "HIST 101", *reason).code == 0
    assert "paused already" in run("emergency", "pause", "--course", "hist 101", *reason).err
