"""While the database is older than the journal no door answers, and everybody whom it concerns is told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts import prepared
from tests.cast import NOW, School, token
from tests.gateway.asking import Answer, ask, basic
from tests.restore.older import append_unknown, directory, line, lines_in
from tokenportal.health import readyz
from tokenportal.metrics.stock import endings
from tokens import feeds, journal, lifecycle, verifiers
from tokens.journal import paper, writing
from tokens.journal.gate import forget_look
from tokens.journal.looking import Quarantined, Verdict, look
from tokens.models import JournalBook, JournalLine, JournalPage

pytestmark = pytest.mark.django_db(transaction=True)
UNKNOWN = "tpat_" + "A" * 16 + "_" + "B" * 43


def bearer(secret: str) -> str:
    return f"Bearer {secret}"


DOORS: dict[str, Callable[[str, tuple[str, str]], Answer]] = {
    "verify": lambda secret, _who: ask("/verify", authorization=bearer(secret)),
    "introspect": lambda secret, who: ask(
        "/oauth2/introspect", method="POST", form={"token": secret}, authorization=basic(*who)
    ),
    "batch": lambda secret, who: ask(
        "/oauth2/introspect/batch", method="POST", form=[("token", secret)] * 2, authorization=basic(*who)
    ),
    "revoke": lambda secret, _who: ask("/oauth2/revoke", method="POST", form={"token": secret}),
}


@pytest.mark.parametrize("door", DOORS)
def test_no_door_says_yes_or_no_and_each_says_why(door: str) -> None:
    school = School()
    secret = token(school.teacher).secret
    service = verifiers.register("Library", owner=school.admin, actor=school.admin, now=NOW)
    who = service.verifier.lookup_id, service.secret
    assert DOORS[door](secret, who).code == 200
    append_unknown(line("revoked", "C" * 16))
    for each in (secret, lifecycle.regenerate(token(school.teacher).token, actor=school.teacher, now=NOW).secret):
        answer = DOORS[door](each, who)
        assert (answer.code, answer.json["error"], answer.headers["Retry-After"]) == (503, "quarantined", "10")


def test_the_api_says_so_to_bearer_tokens_and_answers_whoever_is_signed_in(client: Client) -> None:
    school = School()
    secret = token(school.teacher).secret
    append_unknown(line("revoked", "C" * 16))
    answer = client.get("/api/v1/users/self", headers={"Authorization": bearer(secret)})
    assert (answer.status_code, answer.json()["errors"][0]["code"], answer["Retry-After"]) == (503, "quarantined", "10")
    client.force_login(school.teacher)
    assert client.get("/api/v1/users/self").status_code == 200


def test_a_program_fetches_no_token_and_a_calendar_is_not_shown(client: Client) -> None:
    school = School()
    address = feeds.keeping.make(school.teacher, now=NOW)
    append_unknown(line("calendar", "c" * 16))
    form = {"client_id": "tokenportal-cli", "device_code": "x" * 43}
    form["grant_type"] = "urn:ietf:params:oauth:grant-type:device_code"
    assert ask("/oauth2/token", method="POST", form=form).code == 503
    with pytest.raises(Quarantined):
        feeds.keeping.find_owner(address)


def test_probes_and_metrics_say_it(rf: RequestFactory) -> None:
    School()
    append_unknown(line("revoked", "C" * 16))
    answer = readyz(rf.get("/readyz"))
    said = json.loads(answer.content)
    assert (answer.status_code, said["ready"], said["journal"]) == (503, False, "quarantined")
    assert next(sample.value for family in endings() for sample in family.samples) == 1


def test_administrators_read_what_to_do_on_every_page_and_students_do_not(client: Client) -> None:
    school = School()
    append_unknown(line("revoked", "C" * 16))
    for person, is_told in ((school.admin, True), (school.student, False)):
        client.force_login(person)
        assert (b"replay_revocations" in client.get("/tokens/").content) == is_told


def test_what_ends_meanwhile_waits_so_that_the_journal_stays_ahead() -> None:
    school = School()
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    append_unknown(line("revoked", "C" * 16))
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    assert [each["lookup_id"] for each in lines_in(directory())][-1] == "C" * 16
    assert JournalLine.objects.filter(page=None).count() == 1
    assert look().verdict is Verdict.BEHIND


def test_a_host_with_a_shorter_file_closes_its_doors_as_well(settings: Settings, tmp_path: Path) -> None:
    School()
    append_unknown(line("revoked", "C" * 16))
    assert journal.is_quarantined()
    settings.REVOCATION_JOURNAL = tmp_path
    forget_look()
    assert look().verdict is Verdict.CLOSED
    assert journal.is_quarantined()


def test_another_databases_journal_closes_nothing() -> None:
    School()
    append_unknown(line("revoked", "C" * 16))
    JournalBook.objects.update(lineage="0" * 32, missing_number=None)
    assert not journal.is_quarantined()


def test_a_journal_that_cannot_be_read_proves_nothing_and_is_said_loudly(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    School()
    (tmp_path / JournalBook.objects.get().lineage).write_text("no directory")
    settings.REVOCATION_JOURNAL = tmp_path
    forget_look()
    assert not journal.is_quarantined()
    assert "cannot be read" in caplog.text


def test_a_new_connection_is_looked_at_before_anything_it_read_is_believed() -> None:
    school = School()
    secret = token(school.teacher).secret
    assert ask("/verify", authorization=bearer(secret)).code == 200
    page = append_unknown(line("revoked", "C" * 16))
    journal.gate._here.until = float("inf")  # as if it had been looked just now
    assert ask("/verify", authorization=bearer(secret)).code == 200
    connection.close()
    assert ask("/verify", authorization=bearer(secret)).code == 503
    assert page.number


def test_a_check_is_one_read_and_a_look_comes_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    school = School()
    authorization = bearer(token(school.teacher).secret)
    asked: list[str] = []
    fetch = prepared._ask

    def count(kept: object, statement: str, parameters: object) -> object:
        asked.append(statement)
        return fetch(kept, statement, parameters)  # type: ignore[arg-type]

    forget_look()
    monkeypatch.setattr(prepared, "_ask", count)
    for _each in range(50):
        assert ask("/verify", authorization=authorization).code == 200
    looks = [statement for statement in asked if "journalbook" in statement]
    assert len(asked) - len(looks) == 50
    assert len(looks) <= 5  # fifty checks on a busy machine may take some seconds


def test_doors_that_were_closed_while_a_backup_was_half_restored_open_with_its_last_page() -> None:
    school = School()
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    number, mark = JournalPage.objects.values_list("number", "mark").get()
    JournalLine.objects.update(page=None)
    JournalPage.objects.all().delete()
    forget_look()
    assert look().verdict is Verdict.BEHIND
    JournalPage.objects.create(number=number, mark=mark, at=NOW)
    assert look().verdict is Verdict.OPEN


def test_a_host_that_ends_nothing_writes_down_what_others_have_ended(settings: Settings, tmp_path: Path) -> None:
    school = School()
    secret = token(school.teacher).secret
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    here = lines_in(directory())
    settings.REVOCATION_JOURNAL = tmp_path
    forget_look()
    assert ask("/verify", authorization=bearer(secret)).code == 200
    assert lines_in(directory()) == here != []


def test_a_check_does_not_wait_for_who_writes_the_journal(settings: Settings, tmp_path: Path) -> None:
    school = School()
    secret = token(school.teacher).secret
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    settings.REVOCATION_JOURNAL = tmp_path
    forget_look()
    with paper.held(directory()):
        assert ask("/verify", authorization=bearer(secret)).code == 200
    assert lines_in(directory()) == []


def test_a_host_whose_doors_another_one_has_closed_writes_no_page(settings: Settings, tmp_path: Path) -> None:
    school = School()
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    append_unknown(line("revoked", "C" * 16))
    assert journal.is_quarantined()
    settings.REVOCATION_JOURNAL = tmp_path
    writing.follow()
    assert lines_in(directory()) == []


def test_a_look_from_within_a_transaction_closes_the_doors_and_writes_nothing() -> None:
    School()
    append_unknown(line("revoked", "C" * 16))
    with transaction.atomic():
        assert journal.is_quarantined()
    assert JournalBook.objects.get().missing_number is None
