"""`manage.py emergency`."""

import json

from accounts.audit import AuditEvent
from tests.cast import School, token
from tests.commands.conftest import Run
from tokens import tasks
from tokens.models import BulkAct, Pause


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


def test_a_report_says_what_was_stopped_in_words_as_json_and_as_a_file(school: School, run: Run) -> None:
    made = token(school.student, purpose="Grades").token
    run("emergency", "pause", "--everything", "--reason-code", "leaked", "--words", "Keep calm.")
    number = str(Pause.objects.get().pk)
    tasks.report_pauses()
    out = run("emergency", "report", number).out
    assert "everything, from " in out
    assert "leaked\n1 tokens of 1 people were stopped; 1 people told." in out
    told = json.loads(run("emergency", "report", number, "--json").out)
    assert (told["report"]["tokens"], told["told"], told["words"]) == (1, 1, "Keep calm.")
    assert f"\r\n{made.pk},{made.lookup_id},Grades," in run("emergency", "report", number, "--csv").out
    assert AuditEvent.objects.get(action="pause.export").after == {"tokens": 1}
    assert "There is no pause 999." in run("emergency", "report", "999").err


def test_tokens_are_revoked_for_good_when_their_number_is_given(school: School, run: Run) -> None:
    tokens = [token(user).token for user in (school.student, school.teacher, school.admin)]
    arts = ("emergency", "revoke", "--account", str(school.arts.pk), "--reason-code", "leaked")
    for refused in (run(*arts), run(*arts, "--yes-revoke", "3")):
        assert (refused.code, "type that number" in refused.err) == (1, True)
    assert not BulkAct.objects.exists()
    ran = run(*arts, "--yes-revoke", "2")
    assert ran.out == "Revoked: 2 tokens. Left as they are: 0.\n"
    for each in tokens:
        each.refresh_from_db()
    assert [each.state for each in tokens] == ["revoked", "revoked", "active"]
    assert [each.revoked_code for each in tokens] == ["leaked", "leaked", ""]


def test_what_a_pause_stops_is_revoked_within_the_rights_of_who_does_it(school: School, run: Run) -> None:
    token(school.student)
    run("emergency", "pause", "--course", "HIST 101", "--reason", "Something is wrong")
    paused = ("emergency", "revoke", "--paused", str(Pause.objects.get().pk), "--yes-revoke", "1", "--by")
    assert run(*paused, "arts-admin").err == "That is beyond the rights of this person."
    told = json.loads(run(*paused, "admin", "--json").out)
    assert (told["count"], told["done"], told["left"]) == (1, 1, 0)
    assert BulkAct.objects.get().made_by == school.admin


def test_what_a_stop_would_cover_is_told_as_json_too_and_a_name_that_nobody_has_stops_nothing(
    school: School, run: Run
) -> None:
    token(school.student)
    told = json.loads(run("emergency", "status", "--account", "root", "--json").out)
    assert (told["tokens"], told["people"]) == (1, 1)
    ran = run("emergency", "pause", "--everything", "--reason", "Something is wrong", "--by", "nobody")
    assert (ran.code, ran.err) == (1, "There is nobody with the sign-in nobody.")
    assert not Pause.objects.exists()
