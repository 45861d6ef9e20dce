"""Which tokens a change of settings touches: on its preview, and all of them as a file."""

import csv
import re
import tracemalloc
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.roles import Base, Permission
from policies.models import PlannedChange, Policy
from tests.cast import School, enroll, person, role
from tests.pages.saving import path_of
from tests.pages.visits import client_of, rows_of, text_of, token_of
from tokens.models import AccessToken

SHORTER = {"student_cap_days": "30"}


def previewed(school: School, values: dict[str, str], user: Any = None) -> str:
    answer = client_of(user or school.admin).post(f"{path_of(school.root)}preview/", values)
    return " ".join(text_of(answer).split())


def download(school: School, values: dict[str, str], user: Any = None) -> Any:
    return client_of(user or school.admin).post(f"{path_of(school.root)}preview/tokens.csv", values)


def rows_in(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))


def used(token: AccessToken, *, days_ago: int) -> AccessToken:
    AccessToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now() - timedelta(days=days_ago))
    return token


@pytest.fixture
def held(school: School) -> School:
    """Three that a shorter limit touches, and two that it leaves."""
    used(token_of(school.student, days=100, purpose="Used long ago"), days_ago=50)
    token_of(school.student, days=90, purpose="Never used")
    used(token_of(school.other_student, days=100, purpose="Used today"), days_ago=0)
    token_of(school.student, days=20, purpose="Short anyway")
    token_of(school.teacher, days=300, purpose="Of a teacher")
    return school


def test_the_preview_names_them_the_last_used_first(held: School) -> None:
    text = previewed(held, SHORTER)
    listed = text.partition('class="fold hits"')[2].partition("</details>")[0]
    places = [listed.find(purpose) for purpose in ("Used today", "Used long ago", "Never used")]
    assert places == sorted(places)
    assert -1 not in places
    assert held.other_student.name in listed
    assert "Short anyway" not in listed
    assert "Of a teacher" not in listed
    assert "Those that were used last" not in listed
    assert "Which tokens" not in previewed(held, {"student_cap_days": "119"})


def test_on_the_page_stand_twenty_at_most(school: School) -> None:
    AccessToken.objects.bulk_create(rows_of(school.student, 90, now=timezone.now()))
    text = previewed(school, SHORTER)
    assert len(re.findall(r'<li><svg[^>]*><use href="[^"]*#scissors"/></svg><span><span dir="auto">Token', text)) == 20
    assert "Those that were used last. The file has all of them." in text


def test_the_file_has_all_with_the_ends_that_they_come_to(held: School) -> None:
    answer = download(held, {**SHORTER, "grace_days": "10"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = rows_in(answer)
    assert [row["purpose"] for row in rows] == ["Used today", "Used long ago", "Never used"]
    end = (timezone.now() + timedelta(days=40)).date().isoformat()
    assert {row["new_expires_at"][:10] for row in rows} == {end}
    assert {row["revoked"] for row in rows} == {""}
    assert rows[0]["email"] == held.other_student.email
    assert not PlannedChange.objects.exists()
    assert not Policy.objects.exists()
    event = AuditEvent.objects.get(action="token.export")
    assert (event.actor, event.after["count"]) == (held.admin, 3)


def test_what_is_revoked_has_no_end_but_the_moment(held: School) -> None:
    values = {"audience": "no_students", "existing": "revoke"}
    rows = rows_in(download(held, values))
    assert len(rows) == 4
    day = (timezone.now() + timedelta(days=14)).date().isoformat()
    assert {(row["new_expires_at"], row["revoked"][:10]) for row in rows} == {("", day)}
    assert "→ revoked" in previewed(held, values)


def test_a_text_that_a_spreadsheet_would_run_is_defused(school: School) -> None:
    token_of(school.student, days=100, purpose="=HYPERLINK(1)")
    assert [row["purpose"] for row in rows_in(download(school, SHORTER))] == ["'=HYPERLINK(1)"]


def test_what_cannot_be_leads_to_the_page_that_says_why(held: School) -> None:
    answer = download(held, {"student_cap_days": "999"})
    assert "The student limit must be a whole number of days from 1 to 120." in text_of(answer)


def test_names_and_purposes_are_for_those_who_may_look_at_tokens(held: School) -> None:
    editor = person("editor")
    enroll(editor, role(Base.ADMIN, "Policy editor", (Permission.POLICY_EDIT,)))
    text = previewed(held, SHORTER, editor)
    assert "<b>3</b> tokens get an earlier end" in text
    assert "Used today" not in text
    assert "tokens.csv" not in text
    assert download(held, SHORTER, editor).status_code == 403
    for user in (held.arts_admin, held.student):
        assert download(held, SHORTER, user).status_code == 404
    assert not AuditEvent.objects.filter(action="token.export").exists()


def test_memory_stays_flat_however_many_they_are(school: School) -> None:
    now = timezone.now()
    AccessToken.objects.bulk_create(rows_of(school.student, 30_000, now=now), batch_size=5000)
    answer = download(school, {"student_cap_days": "1", "grace_days": "0"})
    tracemalloc.start()
    lines = sum(chunk.count(b"\r\n") for chunk in answer.streaming_content)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines > 20_000
    assert most < 5_000_000
