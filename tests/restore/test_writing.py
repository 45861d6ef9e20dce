"""Every ending comes into the journal: in its transaction by the database, on paper before anybody is told."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.apps.registry import Apps
from django.db import connection
from pytest_django import Settings

from accounts import enrolling
from tests.cast import NOW, School, endless_token, token
from tests.restore.older import directory, lines_in
from tokens import emergency, feeds, journal, lifecycle, verifiers
from tokens.emergency import target_of
from tokens.journal import paper, writing
from tokens.journal.founding import found_book
from tokens.journal.gate import forget_look
from tokens.journal.looking import Quarantined, Verdict, look
from tokens.journal.writing import claim
from tokens.lifecycle import Change
from tokens.models import AccessToken, JournalBook, JournalLine, JournalPage
from tokens.stops import Whom
from tokens.tasks import write_journal


def owed() -> list[tuple[str, str]]:
    return list(JournalLine.objects.order_by("pk").values_list("what", "lookup_id"))


def revoke(school: School, made: AccessToken) -> None:
    lifecycle.revoke(made, actor=school.admin, now=NOW)


def suspend(school: School, made: AccessToken) -> None:
    lifecycle.suspend(made, actor=school.admin, now=NOW)


def resume(school: School, made: AccessToken) -> None:
    suspend(school, made)
    lifecycle.resume(made, actor=school.admin, now=NOW)


def regenerate(_school: School, made: AccessToken) -> None:
    lifecycle.regenerate(made, actor=made.user, now=NOW)


def rotate_and_end(_school: School, made: AccessToken) -> None:
    lifecycle.regenerate(made, overlap=timedelta(hours=1), actor=made.user, now=NOW)
    lifecycle.end_overlap(made, actor=made.user, now=NOW)


def shorten(_school: School, made: AccessToken) -> None:
    lifecycle.update(made, Change(expires_at=NOW + timedelta(days=1)), actor=made.user, now=NOW)


def suspend_by_hand(_school: School, made: AccessToken) -> None:
    AccessToken.objects.filter(pk=made.pk).update(state="suspended")


def expire(_school: School, _made: AccessToken) -> None:
    lifecycle.expire_many(now=NOW + timedelta(days=99), most=9)


def use(_school: School, made: AccessToken) -> None:
    AccessToken.objects.filter(pk=made.pk).update(use_count=7)


WAYS: dict[str, tuple[Callable[[School, AccessToken], None], list[str]]] = {
    "revoke": (revoke, ["revoked"]),
    "suspend": (suspend, ["suspended"]),
    "resume": (resume, ["suspended", "resumed"]),
    "regenerate": (regenerate, ["replaced"]),
    "rotate and end the overlap": (rotate_and_end, ["replaced", "cut"]),
    "give an earlier end": (shorten, ["ends"]),
    "suspend past every verb": (suspend_by_hand, ["suspended"]),
    "expire by the clock": (expire, []),
    "use": (use, []),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_database_itself_writes_a_line_for_each_ending_of_a_token(school: School, way: str) -> None:
    made = token(school.teacher).token
    act, expected = WAYS[way]
    act(school, made)
    assert owed() == [(what, made.lookup_id) for what in expected]


def test_an_earlier_secret_is_named_by_its_own_lookup_id_and_says_what_follows_it(school: School) -> None:
    made = token(school.teacher).token
    before = made.lookup_id
    after = lifecycle.regenerate(made, overlap=timedelta(hours=1), actor=school.teacher, now=NOW).token.lookup_id
    [line] = JournalLine.objects.all()
    assert (line.lookup_id, line.facts["by"]) == (before, after)
    assert line.facts["until"].startswith("2026-11-23T13:00:00")


def test_people_services_calendars_and_emergency_stops_have_lines_too(school: School) -> None:
    feeds.keeping.make(school.teacher, now=NOW)
    feeds.keeping.stop(school.teacher, now=NOW)
    service = verifiers.register("Library", owner=school.admin, actor=school.admin, now=NOW).verifier
    verifiers.revoke(service, actor=school.admin, now=NOW)
    target = target_of(None, Whom.ACCOUNT, account=school.arts)
    made = emergency.pause(target, reason="x", actor=None, now=NOW)
    emergency.lift(made, actor=None, now=NOW)
    enrolling.set_active(school.student, False, actor=school.admin, now=NOW)
    enrolling.set_active(school.student, True, actor=school.admin, now=NOW)
    said = [what for what, _lookup_id in owed()]
    assert said == ["calendar", "verifier", "paused", "lifted", "disabled", "enabled"]
    facts = JournalLine.objects.get(what="disabled").facts
    # PostgreSQL writes no zeros at the end of a second's fraction: the moment is compared, not its text.
    assert datetime.fromisoformat(facts.pop("since")) == school.student.created_at
    assert facts == {"person": school.student.pk, "login": "student", "sis": None}


def test_what_the_rules_shorten_has_no_line_and_what_somebody_shortens_after_it_does(school: School) -> None:
    made = endless_token(school.student)
    assert lifecycle.clamp_many([school.student.pk], actor=None, now=NOW) == 1
    assert owed() == []
    lifecycle.update(made, Change(expires_at=NOW + timedelta(hours=1)), actor=school.student, now=NOW)
    assert owed() == [("ends", made.lookup_id)]


@pytest.mark.django_db(transaction=True)
def test_an_ending_is_on_paper_when_its_call_returns() -> None:
    school = School()
    made = token(school.student)
    lifecycle.revoke(made.token, actor=school.admin, now=NOW)
    [line] = lines_in(directory())
    assert (line["what"], line["lookup_id"]) == ("revoked", made.token.lookup_id)
    assert JournalLine.objects.get().page_id == JournalPage.objects.get().number == 1


@pytest.mark.django_db(transaction=True)
def test_no_secret_and_no_tag_stands_in_the_journal() -> None:
    school = School()
    made = token(school.student)
    lifecycle.regenerate(made.token, actor=school.student, now=NOW)
    enrolling.set_active(school.student, False, actor=school.admin, now=NOW)
    text = "".join(path.read_text() for path in directory().glob("*.jsonl"))
    assert made.secret not in text
    assert made.secret.rpartition("_")[2] not in text
    assert bytes(made.token.tag).hex() not in text


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_process_left_is_written_by_the_job() -> None:
    school = School()
    made = token(school.student).token
    AccessToken.objects.filter(pk=made.pk).update(state="suspended")  # and nobody asked for it to be written
    assert lines_in(directory()) == []
    assert write_journal() == 1
    assert [line["what"] for line in lines_in(directory())] == ["suspended"]
    assert write_journal() == 0


@pytest.mark.django_db(transaction=True)
def test_a_page_that_was_committed_and_not_appended_is_appended_by_the_next_one() -> None:
    school = School()
    one, other = token(school.student).token, token(school.student).token
    AccessToken.objects.filter(pk=one.pk).update(state="suspended")
    claim()
    assert lines_in(directory()) == []
    lifecycle.revoke(other, actor=school.admin, now=NOW)
    assert [line["what"] for line in lines_in(directory())] == ["suspended", "revoked"]


@pytest.mark.django_db(transaction=True)
def test_a_journal_that_cannot_be_written_stops_nobody_and_is_owed(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    school = School()
    made = token(school.student).token
    blocked = tmp_path / "file"
    blocked.write_text("")
    settings.REVOCATION_JOURNAL = blocked
    lifecycle.revoke(made, actor=school.admin, now=NOW)
    assert "cannot be written" in caplog.text
    assert journal.health().owed == 1
    JournalLine.objects.update(at=NOW - timedelta(days=1))
    assert journal.health().word == "late"
    settings.REVOCATION_JOURNAL = tmp_path / "elsewhere"
    assert write_journal() == 1
    assert journal.health() == journal.Health(is_quarantined=False)


@pytest.mark.django_db(transaction=True)
def test_a_line_that_was_cut_off_is_no_page_and_its_page_is_written_again() -> None:
    school = School()
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    [path] = paper.segments(directory())
    path.write_bytes(path.read_bytes()[:-20])
    assert paper.find_tail(directory()) == paper.Tail(1, JournalPage.objects.get(number=1).mark)
    assert look().verdict is Verdict.OPEN
    assert write_journal() == 1
    assert [page.number for page in paper.pages(directory())] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_journal_that_was_lost_and_that_of_a_new_host_have_all_that_the_database_knows(
    settings: Settings, tmp_path: Path
) -> None:
    school = School()
    for _each in range(3):
        lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    here = lines_in(directory())
    settings.REVOCATION_JOURNAL = tmp_path
    assert look().verdict is Verdict.OPEN
    assert write_journal() == 3
    assert lines_in(directory()) == here


@pytest.mark.django_db(transaction=True)
def test_many_endings_are_written_in_pages_of_500() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tokens_journalline (at, what, lookup_id, facts) "
            "SELECT now(), 'revoked', 'A' || lpad(n::text, 15, '0'), '{}' FROM generate_series(1, 1201) n"
        )
    assert write_journal() == 3
    found = list(paper.pages(directory()))
    assert [len(page.lines) for page in found] == [500, 500, 201]
    assert found[2].lines[-1]["lookup_id"] == "A000000000001201"


@pytest.mark.django_db(transaction=True)
def test_what_is_older_than_any_backup_is_dropped_but_never_the_last_page(settings: Settings) -> None:
    school = School()
    for _each in range(2):
        lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    place = directory()
    [path] = paper.segments(place)
    path.rename(place / "endings-2020-01.jsonl")
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    JournalPage.objects.update(at=NOW)
    assert journal.forget(now=NOW + timedelta(days=401), keep_days=400) == 2
    assert JournalPage.objects.get().number == 3
    assert len(paper.segments(place)) == 1
    assert not journal.is_quarantined()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_say_which_it_is_opens_no_door() -> None:
    JournalBook.objects.all().delete()
    forget_look()
    with pytest.raises(Quarantined, match="nameless"):
        journal.require_open()


@pytest.mark.django_db(transaction=True)
def test_a_database_without_a_name_writes_and_drops_nothing(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    school = School()
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    place = directory()
    [path] = paper.segments(place)
    (place / "endings-2020-01.jsonl").write_bytes(path.read_bytes())
    JournalBook.objects.all().delete()
    settings.REVOCATION_JOURNAL = tmp_path
    forget_look()
    assert write_journal() == 0
    assert "the doors are closed: run manage.py replay_revocations" in caplog.text
    assert journal.health().word == "quarantined"
    writing.follow()
    journal.forget(now=NOW + timedelta(days=401), keep_days=400)
    assert list(tmp_path.iterdir()) == []
    assert len(paper.segments(place)) == 2


@pytest.mark.django_db(transaction=True)
def test_a_database_is_named_once_and_not_before_it_can_be() -> None:
    JournalBook.objects.all().delete()
    found_book(apps=Apps())  # as after migrating back to before there were names
    assert not JournalBook.objects.exists()
    found_book()
    named = JournalBook.objects.get().lineage
    found_book()
    assert JournalBook.objects.get().lineage == named


@pytest.mark.django_db(transaction=True)
def test_a_door_answers_though_its_host_cannot_write_what_other_hosts_have_ended(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    school = School()
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    blocked = tmp_path / "file"
    blocked.write_text("")
    settings.REVOCATION_JOURNAL = blocked
    forget_look()
    journal.require_open()
    assert "The journal of endings lags behind" in caplog.text


def test_whoever_waits_for_the_journal_has_it_as_soon_as_the_other_lets_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ExitStack()
    other.enter_context(paper.held(tmp_path))
    monkeypatch.setattr("tokens.journal.paper.time.sleep", lambda _seconds: other.close())
    with paper.held(tmp_path, patience=60), pytest.raises(paper.Busy), paper.held(tmp_path, patience=0):
        pass


def page(number: int, lines: int = 1, at: str = "2026-11-23T12:00:00+00:00") -> paper.Page:
    return paper.Page(number, f"{number:016x}", at, [{"what": "revoked", "lookup_id": "A" * 16}] * lines)


def test_the_last_page_is_found_however_long_it_is(tmp_path: Path) -> None:
    paper.append(tmp_path, [page(1), page(2, lines=9000)])
    assert paper.find_tail(tmp_path) == page(2).tail
    [path] = paper.segments(tmp_path)
    with path.open("ab") as file:
        file.write(b"no page\n" * 20_000 + page(3, lines=9000).written()[:-9])
    assert paper.find_tail(tmp_path) == page(2).tail


def test_where_a_month_has_no_whole_page_the_last_one_is_that_of_the_month_before(tmp_path: Path) -> None:
    paper.append(tmp_path, [page(1), page(2)])
    (tmp_path / "endings-2026-12.jsonl").write_bytes(page(3).written()[:-9])
    assert paper.find_tail(tmp_path) == page(2).tail
    paper.append(tmp_path, [page(3, at="2026-12-01T00:00:00+00:00")])
    assert [each.number for each in paper.pages(tmp_path)] == [1, 2, 3]
