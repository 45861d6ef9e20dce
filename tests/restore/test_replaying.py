"""The replay ends again what the journal says, nothing else, and once; then the doors open."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.audit import AuditEvent
from accounts.models import User
from tests.cast import NOW, School, token
from tests.restore.older import append_unknown, directory, line, lines_in
from tokens import bulk, emergency, feeds, journal, lifecycle, verifiers
from tokens.journal import paper
from tokens.lifecycle import Issued
from tokens.models import AccessToken, BulkAct, BulkKind, CalendarFeed, JournalLine, JournalPage, Pause, Verifier
from tokens.reasons import Reason
from tokens.stops import Whom
from tokens.verification import Outcome, verify

pytestmark = pytest.mark.django_db(transaction=True)
SOON = "2999-01-01T00:00:00+00:00"
STOP: dict[str, Any] = {"account": None, "base": "", "course": None, "rights": None, "reason_code": "", "words": ""}


def replay(*options: str) -> None:
    call_command("replay_revocations", *options)


def now() -> datetime:
    return timezone.now()


def fresh(owner: User) -> Issued:
    return token(owner, now=now())


def since(person: User) -> dict[str, str]:
    return {"since": person.created_at.isoformat()}


def outcome(issued: Issued) -> Outcome:
    return verify(issued.secret, now=now()).outcome


def test_each_ended_token_is_refused_and_each_other_one_works(capsys: pytest.CaptureFixture[str]) -> None:
    school = School()
    revoked, suspended, replaced, shortened, resumed, living = (fresh(school.teacher) for _each in range(6))
    names = [each.token.lookup_id for each in (revoked, suspended, replaced, shortened, resumed)]
    append_unknown(
        line("revoked", names[0]),
        line("suspended", names[1]),
        line("replaced", names[2], by="D" * 16, until=None),
        line("ends", names[3], until=now().isoformat()),
        line("suspended", names[4]),
        line("resumed", names[4]),
    )
    assert journal.is_quarantined()
    replay()
    assert [outcome(each) for each in (revoked, suspended, replaced, shortened, resumed, living)] == [
        Outcome.REVOKED,
        Outcome.SUSPENDED,
        Outcome.EXPIRED,
        Outcome.EXPIRED,
        Outcome.LIVE,
        Outcome.LIVE,
    ]
    said = capsys.readouterr().out
    assert "Tokens revoked: 1" in said
    assert "The doors are open." in said


def test_it_stands_in_the_trail_and_a_second_time_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    school = School()
    made = fresh(school.teacher)
    append_unknown(line("revoked", made.token.lookup_id))
    replay()
    told = AuditEvent.objects.get(action="journal.replay")
    assert told.after == {"lines": 1, "revoked": 1}
    assert AuditEvent.objects.get(action="token.revoke").reason.startswith("Ended before a backup was restored")
    replay()
    assert "nothing to replay" in capsys.readouterr().out
    assert AuditEvent.objects.filter(action="journal.replay").count() == 1


def test_a_dry_run_says_what_it_would_do_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    school = School()
    made = fresh(school.teacher)
    append_unknown(line("revoked", made.token.lookup_id))
    replay("--dry-run")
    assert "end 1 tokens for good" in capsys.readouterr().out
    assert AccessToken.objects.get(pk=made.token.pk).state == "active"
    assert journal.is_quarantined()


def test_whatever_became_of_a_later_secret_holds_for_the_token_that_the_backup_has() -> None:
    school = School()
    revoked, suspended = fresh(school.teacher), fresh(school.teacher)
    append_unknown(
        line("replaced", revoked.token.lookup_id, by="D" * 16, until=SOON),
        line("replaced", "D" * 16, by="E" * 16, until=None),
        line("replaced", suspended.token.lookup_id, by="F" * 16, until=SOON),
        line("suspended", "F" * 16),
        line("revoked", "E" * 16),
    )
    replay()
    assert (outcome(revoked), outcome(suspended)) == (Outcome.REVOKED, Outcome.SUSPENDED)


def test_a_secret_that_was_put_aside_works_for_its_time_and_no_longer() -> None:
    school = School()
    going, cut = fresh(school.teacher), fresh(school.teacher)
    until = now() + timedelta(hours=1)
    append_unknown(
        line("replaced", going.token.lookup_id, by="D" * 16, until=until.isoformat()),
        line("replaced", cut.token.lookup_id, by="E" * 16, until=until.isoformat()),
        line("cut", cut.token.lookup_id, until=now().isoformat()),
    )
    replay()
    assert (outcome(going), outcome(cut)) == (Outcome.LIVE, Outcome.EXPIRED)
    assert AccessToken.objects.get(pk=going.token.pk).expires_at == until


def test_an_overlap_that_the_backup_has_and_that_was_ended_since_is_ended() -> None:
    school = School()
    old = fresh(school.teacher)
    name = old.token.lookup_id
    new = lifecycle.regenerate(old.token, overlap=timedelta(hours=1), actor=school.teacher, now=now())
    append_unknown(line("cut", name, until=now().isoformat()))
    replay()
    assert (outcome(old), outcome(new)) == (Outcome.SUPERSEDED, Outcome.LIVE)


def test_what_waited_for_its_owner_and_was_suspended_later_never_works() -> None:
    school = School()
    made = token(school.teacher, actor=school.admin, now=now())
    append_unknown(line("suspended", made.token.lookup_id))
    replay()
    assert outcome(made) == Outcome.REVOKED


def test_people_services_calendars_and_emergency_stops_end_again(client: Client) -> None:
    school = School()
    left, back = fresh(school.teacher), fresh(school.student)
    service = verifiers.register("Library", owner=school.admin, actor=school.admin, now=now())
    feeds.keeping.make(school.teacher, now=now())
    feed = bytes(CalendarFeed.objects.get().digest).hex()[:16]
    client.force_login(school.teacher)
    stop = {**STOP, "pause": 7, "whom": "account", "account": school.science.pk, "reason": "A list was found"}
    lifted = {**stop, "pause": 8, "account": school.arts.pk}
    teacher: dict[str, Any] = {"person": school.teacher.pk, "login": "teacher", "sis": None, **since(school.teacher)}
    student: dict[str, Any] = {"person": school.student.pk, "login": "student", "sis": None, **since(school.student)}
    append_unknown(
        line("disabled", **teacher),
        line("disabled", **student),
        line("enabled", **student),
        line("verifier", service.verifier.lookup_id),
        line("calendar", feed),
        line("paused", **stop),
        line("paused", **lifted),
        line("lifted", pause=8),
    )
    replay()
    assert outcome(left) == Outcome.INVALID
    assert outcome(back) == Outcome.LIVE
    assert not User.objects.get(pk=school.teacher.pk).is_active
    assert Verifier.objects.get().revoked_at is not None
    assert not CalendarFeed.objects.exists()
    assert list(Pause.objects.in_force().values_list("account", "reason")) == [(school.science.pk, "A list was found")]
    assert not Session.objects.exists()


def test_somebody_who_got_the_number_of_another_after_the_restore_is_left_alone() -> None:
    school = School()
    append_unknown(line("disabled", person=school.teacher.pk, login="someone-else", sis="S-1", since=SOON))
    replay()
    assert User.objects.get(pk=school.teacher.pk).is_active


def test_the_last_who_keeps_the_rules_stays_and_their_tokens_stop(capsys: pytest.CaptureFixture[str]) -> None:
    school = School()
    made = fresh(school.admin)
    append_unknown(line("disabled", person=school.admin.pk, login="admin", sis=None, since=None))
    replay()
    assert outcome(made) == Outcome.SUSPENDED
    assert "admin was deactivated, and cannot be now" in capsys.readouterr().err


def test_an_act_that_lets_many_tokens_work_again_is_not_gone_on_with() -> None:
    school = School()
    made = fresh(school.teacher)
    lifecycle.suspend(made.token, actor=school.admin, now=now())
    tokens = AccessToken.objects.filter(pk=made.token.pk)
    act = bulk.make(bulk.Wish(BulkKind.RESUME, Reason("x")), tokens, actor=school.admin, now=now())
    append_unknown(line("suspended", made.token.lookup_id))
    replay()
    assert list(bulk.carry_out(act.pk, clock=now)) == []
    assert BulkAct.objects.get().stopped_at is not None
    assert outcome(made) == Outcome.SUSPENDED


def test_the_journal_goes_on_behind_what_was_replayed() -> None:
    school = School()
    made = fresh(school.teacher)
    append_unknown(line("revoked", made.token.lookup_id))
    replay()
    lifecycle.revoke(fresh(school.teacher).token, actor=school.admin, now=now())
    known = set(JournalPage.objects.values_list("number", "mark"))
    assert {tuple(page.tail) for page in paper.pages(directory())} == known
    assert not journal.is_quarantined()


def test_a_host_that_went_another_way_is_replayed_too_and_goes_on(settings: Settings, tmp_path: Path) -> None:
    school = School()
    made, here = fresh(school.teacher), directory()
    fork = append_unknown(line("revoked", made.token.lookup_id))
    settings.REVOCATION_JOURNAL = tmp_path  # another host, which has not seen that page, and ends something
    other = fresh(school.teacher)
    lifecycle.revoke(other.token, actor=school.admin, now=now())
    assert JournalPage.objects.get().number == fork.number
    settings.REVOCATION_JOURNAL = here.parent
    assert journal.is_quarantined()
    replay()
    assert (outcome(made), outcome(other)) == (Outcome.REVOKED, Outcome.REVOKED)
    assert {each["lookup_id"] for each in lines_in(here)} == {made.token.lookup_id, other.token.lookup_id}
    assert not journal.is_quarantined()


def test_doors_that_another_host_has_closed_are_opened_there_or_by_who_says_that_it_is_lost(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    School()
    append_unknown(line("revoked", "C" * 16))
    assert journal.is_quarantined()
    settings.REVOCATION_JOURNAL = tmp_path
    with pytest.raises(CommandError, match="Another host has closed the doors"):
        replay()
    assert journal.is_quarantined()
    replay("--open")
    assert not journal.is_quarantined()


def test_pauses_are_made_once_however_often_a_replay_is_begun() -> None:
    school = School()
    target = emergency.target_of(None, Whom.EVERYTHING)
    made = emergency.pause(target, reason="x", actor=None, now=NOW)
    append_unknown(line("paused", **{**STOP, "pause": made.pk, "whom": "everything", "reason": "x"}))
    replay()
    assert Pause.objects.count() == 1
    assert school.root.pk


def test_stops_that_had_the_same_number_one_after_the_other_are_told_apart() -> None:
    school = School()
    here, there = fresh(school.teacher), fresh(school.science_admin)
    one = {**STOP, "pause": 7, "whom": "account", "account": school.arts.pk, "reason": "x", "since": "2026-11-01"}
    other = {**one, "account": school.science.pk, "since": "2026-11-02"}  # after a restore to before the first
    append_unknown(line("paused", **one), line("paused", **other), line("lifted", pause=7, since="2026-11-02"))
    replay()
    assert (outcome(here), outcome(there)) == (Outcome.PAUSED, Outcome.LIVE)


def test_what_a_later_version_wrote_is_left_and_the_rest_is_done() -> None:
    school = School()
    made = fresh(school.teacher)
    append_unknown(line("dissolved", made.token.lookup_id), line("revoked", made.token.lookup_id))
    replay()
    assert outcome(made) == Outcome.REVOKED


def test_an_overlap_that_still_goes_on_is_left_to_its_end() -> None:
    school = School()
    old = fresh(school.teacher)
    name, until = old.token.lookup_id, now() + timedelta(hours=1)
    new = lifecycle.regenerate(old.token, overlap=timedelta(hours=1), actor=school.teacher, now=now())
    append_unknown(line("cut", name, until=until.isoformat()))
    replay()
    assert (outcome(old), outcome(new)) == (Outcome.LIVE, Outcome.LIVE)


def test_a_token_whose_end_was_taken_away_again_keeps_the_one_it_has() -> None:
    school = School()
    made = fresh(school.teacher)
    name, end = made.token.lookup_id, made.token.expires_at
    append_unknown(line("ends", name, until=now().isoformat()), line("ends", name, until=None))
    replay()
    assert (outcome(made), AccessToken.objects.get(pk=made.token.pk).expires_at) == (Outcome.LIVE, end)


def test_a_stop_that_cannot_be_made_again_is_named_and_holds_nothing_up(capsys: pytest.CaptureFixture[str]) -> None:
    school = School()
    made = fresh(school.teacher)
    gone = {**STOP, "whom": "account", "account": school.root.pk + 10_000, "reason": "x"}
    append_unknown(
        line("paused", **{**gone, "pause": 7}),
        line("paused", **{**gone, "pause": 8, "whom": "course", "account": school.arts.pk, "course": 10_000}),
        line("paused", **{**gone, "pause": 9, "account": school.arts.pk, "reason": "x" * 10_000}),
        line("revoked", made.token.lookup_id),
    )
    replay()
    said = capsys.readouterr().err
    for number in (7, 8):
        assert f"pause {number} was of an account or a course that the backup does not have" in said
    assert "pause 9 cannot be made again: reason_too_long" in said
    assert not Pause.objects.exists()
    assert outcome(made) == Outcome.REVOKED


def test_however_much_was_owed_before_a_replay_all_of_it_is_on_paper_after_it() -> None:
    School()
    append_unknown(line("revoked", "C" * 16))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tokens_journalline (at, what, lookup_id, facts) "
            "SELECT now(), 'revoked', 'A' || lpad(n::text, 15, '0'), '{}' FROM generate_series(1, 1201) n"
        )
    replay()
    assert not JournalLine.objects.filter(page=None).exists()
    assert len(lines_in(directory())) == 1 + 1201
