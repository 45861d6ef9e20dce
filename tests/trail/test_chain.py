"""The chain over the audit trail: what is sealed and when, and that every forgery is found and named."""

import hashlib
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from accounts.audit import AuditEvent, AuditSeal, record
from accounts.chain import heads, sealing, standing, verifying
from accounts.chain.content import CONTENT, VALUES, content_of
from accounts.chain.verifying import Wrong, verify
from accounts.tasks import note_audit_head, seal_audit, verify_audit
from tests.cast import NOW, School
from tests.trail.forging import ask, columns, edit, forge, forge_lines, run
from tokenportal.embedded import REPOSITORY

EDITS = int(os.environ.get("EDITS", "300"))  # random ones; 10,000 are a matter of minutes
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sealed(transactional_db: None) -> School:
    """A school with some lines of all sorts, sealed in several batches."""
    school = School()
    forge_lines(150)
    assert sum(sealing.seal_in_batches(most=40)) == 150
    return school


@pytest.fixture
def other_session() -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with closing(psycopg.connect(**connection.get_connection_params())) as session:
        yield session


def sealed_by_the_job(lines: int) -> int:
    """Run the job until it has sealed so many; whatever else the server is doing at the moment holds lines back."""
    sealed = 0
    for _run in range(1000):
        sealed += seal_audit()
        if sealed >= lines:
            break
    return sealed


def misses(count: int, *, column: str = "", seed: int = 0) -> list[str]:
    """Forge so often, each time on the whole trail, and verify; say what was not named."""
    chance, missed = random.Random(seed), []
    for _number in range(count):
        with transaction.atomic():
            if column:
                run("SET LOCAL session_replication_role = replica")
            forged = edit(chance, column) if column else forge(chance)
            if not forged.is_named(list(verify())):
                missed.append(forged.what)
            transaction.set_rollback(True)
    return missed


def leave_out(column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant a fault: a column that is neither sealed nor verified."""
    kept = {name: value for name, value in VALUES.items() if f"e.{column}" not in value}
    assert len(kept) == len(VALUES) - 1
    for module, statement in ((sealing, "_SEAL"), (verifying, "_SEALED")):
        monkeypatch.setattr(module, statement, getattr(module, statement).replace(CONTENT, content_of(kept)))


@pytest.mark.usefixtures("sealed")
def test_a_trail_as_it_was_written_is_whole() -> None:
    assert list(verify()) == []
    assert list(AuditSeal.objects.order_by("place").values_list("place", flat=True)) == list(range(1, 151))


@pytest.mark.usefixtures("sealed")
def test_every_random_forgery_is_found_and_named() -> None:
    assert misses(EDITS, seed=EDITS) == []
    assert list(verify()) == []


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("column", ["id", "at", "action", "actor_id", "person_id", "account_id", "subject_id", "xact"])
def test_every_column_of_a_line_counts(column: str) -> None:
    assert misses(10, column=column) == []


def test_no_column_is_left_out(db: None) -> None:
    for column in columns():
        assert f"e.{column}" in CONTENT


@pytest.mark.parametrize("column", ["reason", "before", "at", "actor_id", "address"])
def test_a_column_left_out_of_what_is_sealed_would_be_noticed(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    leave_out(column, monkeypatch)
    School()
    forge_lines(20)
    sealing.seal()
    assert list(verify()) == []
    assert len(misses(5, column=column)) == 5


@pytest.mark.usefixtures("sealed")
def test_only_what_is_wrong_is_named() -> None:
    run("SET session_replication_role = replica")
    at = "WHERE id = (SELECT line FROM accounts_auditseal WHERE place = %s)"
    run(f"UPDATE accounts_auditevent SET reason = 'another' {at}", 7)
    run("UPDATE accounts_auditseal SET hash = sha256(hash) WHERE place = 50")
    run(f"DELETE FROM accounts_auditevent {at}", 90)
    run("SET session_replication_role = origin")
    found = [(each.wrong, each.place) for each in verify()]
    assert found == [(Wrong.EDITED, 7), (Wrong.SEAL_EDITED, 50), (Wrong.REMOVED, 90)]


@pytest.mark.usefixtures("sealed")
def test_an_end_cut_off_and_a_chain_sealed_anew_show_by_a_noted_head() -> None:
    head = heads.find_head()
    assert head is not None
    assert list(verify([head])) == []
    run("SET session_replication_role = replica")
    with transaction.atomic():
        run("DELETE FROM accounts_auditevent WHERE id IN (SELECT line FROM accounts_auditseal WHERE place > 140)")
        run("DELETE FROM accounts_auditseal WHERE place > 140")
        assert list(verify()) == []
        assert [each.wrong for each in verify([head])] == [Wrong.CUT_OFF]
        transaction.set_rollback(True)
    run("UPDATE accounts_auditevent SET reason = 'nothing happened'")
    run("DELETE FROM accounts_auditseal")
    run("SET session_replication_role = origin")
    sealing.seal()
    assert list(verify()) == []
    assert [(each.wrong, each.place) for each in verify([head])] == [(Wrong.REWRITTEN, 150)]


def test_a_line_is_sealed_only_when_none_before_it_can_still_come(
    transactional_db: None, other_session: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    school = School()
    late = (
        "INSERT INTO accounts_auditevent (at, action, before, after, reason, request_id, agent) VALUES {} RETURNING id"
    )
    [(first,)] = other_session.execute(late.format("(now(), 'role.add', '{}', '{}', '', '', '')")).fetchall()
    second = record("role.change", actor=school.admin, now=NOW)
    assert sealing.seal() == 0
    assert list(verify()) == []
    other_session.commit()
    assert sealing.seal() == 2
    assert list(AuditSeal.objects.order_by("place").values_list("line", flat=True)) == [first, second.pk]
    assert sealing.seal() == 0


def test_a_change_that_is_taken_back_leaves_no_gap(transactional_db: None) -> None:
    school = School()
    for number in range(4):
        with transaction.atomic():
            record("role.add", actor=school.admin, now=NOW)
            transaction.set_rollback(number % 2 == 0)
    assert sealing.seal() == 2
    assert list(verify()) == []


def test_lines_of_another_server_are_sealed_too_and_new_ones_after_them(transactional_db: None) -> None:
    """A dump carries the numbers of its server's transactions to one that begins to count anew."""
    school = School()
    forge_lines(5)
    run("SET session_replication_role = replica")
    run("UPDATE accounts_auditevent SET xact = xact + 1000000000 WHERE subject_id < 4")
    run("UPDATE accounts_auditevent SET xact = NULL WHERE subject_id = 5")
    run("SET session_replication_role = origin")
    assert sealing.seal() == 5
    new = record("role.add", actor=school.admin, now=NOW)
    assert [sealing.seal(), sealing.seal()] == [1, 0]
    assert AuditSeal.objects.get(place=6).line == new.pk
    record("role.change", actor=school.admin, now=NOW)
    assert sealing.seal() == 1
    assert list(verify()) == []


@pytest.mark.usefixtures("sealed")
def test_what_is_sealed_does_not_depend_on_settings() -> None:
    run("SET timezone = 'Asia/Kathmandu'; SET datestyle = 'German'; SET intervalstyle = 'sql_standard'")
    run("SET extra_float_digits = -15; SET bytea_output = 'escape'; SET lc_numeric = 'C'")
    try:
        assert list(verify()) == []
    finally:
        run("RESET ALL")


@pytest.mark.usefixtures("sealed")
def test_anybody_can_work_a_seal_out_by_hand() -> None:
    event = AuditEvent.objects.get(pk=AuditSeal.objects.get(place=1).line)
    [(xact,)] = ask("SELECT xact FROM accounts_auditevent WHERE id = %s", event.pk)
    values = {
        "id": event.pk,
        "xact": xact,
        "at": "1772323207.000123",
        "action": "token.revoke",
        "actor": event.actor_id,
        "person": event.person_id,
        "subject": 1,
        "before": '{"n": 1, "state": "active"}',
        "after": '{"state": "revoked"}',
        "request": hashlib.md5(b"1").hexdigest(),  # noqa: S324  # a number for a request
        "address": "192.0.2.1/32",
        "agent": "curl/8.1",
    }
    text = "".join(f"{name}:{len(str(value))}:{value}," for name, value in values.items())
    assert bytes(AuditSeal.objects.get(place=1).hash) == hashlib.sha256(text.encode()).digest()


@pytest.mark.usefixtures("sealed")
def test_the_recipe_of_the_docs_works_the_chain_out_without_the_portal() -> None:
    docs = (REPOSITORY / "docs" / "audit.md").read_text()
    [copy] = re.findall(r"```sql\n(COPY .*?);\n```", docs, re.DOTALL)
    [recipe] = re.findall(r"```python\n(.*?)```", docs, re.DOTALL)

    def worked_out() -> str:
        with connection.cursor() as cursor, cursor.cursor.copy(copy) as rows:
            table = b"".join(bytes(row) for row in rows)
        return subprocess.run(
            [sys.executable, "-c", recipe], input=table, capture_output=True, check=True
        ).stdout.decode()

    assert worked_out() == ""
    run("SET session_replication_role = replica")
    run("UPDATE accounts_auditevent SET agent = 'x' WHERE id = (SELECT line FROM accounts_auditseal WHERE place = 7)")
    run("SET session_replication_role = origin")
    assert worked_out() == "place 7 is not as it was sealed\n"


@pytest.mark.parametrize("statement", ["UPDATE {} SET line = 1", "DELETE FROM {}"])
@pytest.mark.usefixtures("sealed")
def test_a_seal_cannot_be_changed(statement: str) -> None:
    with pytest.raises(Exception, match="append-only"):
        run(statement.format("accounts_auditseal"))


def test_the_jobs_seal_note_the_head_and_keep_what_a_verification_found(
    transactional_db: None, tmp_path: Path, settings: object
) -> None:
    settings.AUDIT_HEADS = str(tmp_path / "heads.jsonl")  # type: ignore[attr-defined]  # pytest-django's
    School()
    assert note_audit_head() == ""
    assert standing.find_state().place is None
    forge_lines(10)
    assert sealed_by_the_job(10) == 10
    assert note_audit_head() == str(heads.find_head())
    assert verify_audit() == 0
    assert note_audit_head().startswith("10:")
    seal_audit()
    assert len(heads.read(str(tmp_path / "heads.jsonl"))) == 2
    run("SET session_replication_role = replica")
    run("UPDATE accounts_auditevent SET agent = 'nobody' WHERE subject_id = 3")
    run("SET session_replication_role = origin")
    assert verify_audit() == 1
    state = standing.find_state()
    assert (state.place, state.problems) == (11, 1)
    assert state.verified_at is not None
    assert state.verified_at.astimezone(UTC) <= datetime.now(UTC)
