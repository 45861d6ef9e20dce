"""The audit log as a file, and how its chain stands."""

import csv
import io
import json
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.audit import AuditEvent, record
from accounts.models import User
from accounts.spreadsheets import BOM
from tests.cast import School
from tests.pages.crowds import crowd, lines
from tests.pages.visits import client_of, text_of, token_of
from tokens import lifecycle
from tokens.reasons import Reason


def sent(viewer: User, query: str = "") -> str:
    answer: Any = client_of(viewer).get(f"/audit/export/?{query}")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def table(viewer: User, query: str = "") -> list[dict[str, str]]:
    text = sent(viewer, query)
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))


@pytest.fixture
def past(school: School) -> School:
    token = token_of(school.student, purpose="Of the student")
    lifecycle.suspend(token, actor=school.admin, now=timezone.now(), reason=Reason("=HYPERLINK(1)"))
    token_of(school.other_student)
    return school


def test_both_forms_say_the_same_newest_first(past: School) -> None:
    rows = table(past.admin)
    objects: list[dict[str, Any]] = [json.loads(line) for line in sent(past.admin, "format=jsonl").splitlines()]
    assert [row["action"] for row in rows] == ["token.issue", "token.suspend", "token.issue"]
    assert objects[0]["action"] == "audit.export"
    assert [each["id"] for each in objects[1:]] == [int(row["id"]) for row in rows]
    suspended = objects[2]
    assert (suspended["actor"], suspended["person"], suspended["after"]) == ("admin", "student", {"state": "suspended"})
    assert json.loads(rows[1]["after"]) == suspended["after"]
    assert suspended["at"].endswith("Z")


def test_what_a_spreadsheet_would_run_is_defused(past: School) -> None:
    assert table(past.admin, "kind=token")[1]["reason"] == "'=HYPERLINK(1)"
    assert json.loads(sent(past.admin, "format=jsonl&action=token.suspend"))["reason"] == "=HYPERLINK(1)"


def test_the_file_has_what_the_filters_leave_and_the_trail_says_who_took_it(past: School) -> None:
    query = f"kind=token&person={past.student.pk}&whom=student&account={past.arts.pk}"
    assert len(table(past.admin, query)) == 2
    taken = AuditEvent.objects.get(action="audit.export")
    assert (taken.actor, taken.account) == (past.admin, past.arts)
    assert taken.after == {
        "count": 2,
        "format": "csv",
        "filters": {"kind": "token", "whom": "student", "person": str(past.student.pk)},
    }
    assert "Exported 2 lines of the audit log" in text_of(client_of(past.admin).get("/audit/"))
    assert len(table(past.admin, f"actor={past.admin.pk}&action=token.suspend")) == 1


def test_a_file_holds_only_what_is_within_reach(past: School) -> None:
    assert {row["person"] for row in table(past.arts_admin)} == {"student", "other-student"}
    assert table(past.science_admin, "kind=token") == []
    assert client_of(past.teacher).get("/audit/export/").status_code == 403
    assert client_of(past.arts_admin).get(f"/audit/export/?account={past.root.pk}").status_code == 404


def test_the_page_leads_to_the_file_with_the_same_filters(past: School) -> None:
    text = text_of(client_of(past.admin).get("/audit/?kind=token&before=3"))
    assert 'href="/audit/export/?kind=token&amp;format=csv"' in text
    assert 'href="/audit/export/?kind=token&amp;format=jsonl"' in text


def test_a_long_trail_is_sent_in_little_memory(school: School) -> None:
    crowd(school, 100)
    lines(20_000, 100)
    answer: Any = client_of(school.admin).get("/audit/export/?format=jsonl")
    tracemalloc.start()
    assert sum(chunk.count(b"\n") for chunk in answer.streaming_content) == 20_000
    assert tracemalloc.get_traced_memory()[1] < 12_000_000
    tracemalloc.stop()


def test_the_page_says_how_the_chain_stands(school: School) -> None:
    client = client_of(school.admin)
    assert "Sealed up to" not in text_of(client.get("/audit/"))
    now = timezone.now()
    line = record("role.add", actor=school.admin, now=now)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO accounts_auditseal VALUES (41, %s, '')", [line.pk])
    record("audit.verify", actor=None, now=now - timedelta(hours=1), after={"problems": 0, "named": []})
    assert "Sealed up to line 41, of" in text_of(client.get("/audit/"))
    assert ": whole." in text_of(client.get("/audit/"))
    named = [{"wrong": "edited", "place": 7, "message": "line 9 at place 7 is not the one that was sealed"}]
    record("audit.verify", actor=None, now=now, after={"problems": 2, "named": named})
    text = text_of(client.get("/audit/"))
    assert "found 2 lines that are not as they were written" in text
    assert "line 9 at place 7 is not the one that was sealed" in text
    assert "Audit log verified: 2 problems" in text
    assert ": whole." not in text
