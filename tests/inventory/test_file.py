"""The list as a file."""

import csv
import json
import re
from io import StringIO
from typing import Any

import pytest
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.spreadsheets import BOM, defused
from tests import cast
from tests.api.caller import session_of
from tests.cast import School
from tests.inventory.listing import PATH, many, rows_of, text_in
from tests.pages.visits import client_of, text_of, token_of
from tokens.inventory.export import COLUMNS


def test_the_file_holds_what_the_filters_leave_in_the_order_of_the_list(crowd: School) -> None:
    client = client_of(crowd.admin)
    answer = client.get(f"{PATH}export/?ends=14&sort=ends")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="tokens-\d{4}-\d\d-\d\d\.csv"', answer["Content-Disposition"])
    rows = rows_of(answer)
    assert [row["purpose"] for row in rows] == ["sooner", "soon"]
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["owner"], rows[0]["state"], rows[0]["roles"]) == ("Student", "active", "Student")
    assert {row["purpose"] for row in rows_of(client.get(f"{PATH}export/?state=all"))} >= {"revoked", "past", "noted"}
    assert rows_of(client_of(crowd.science_admin).get(f"{PATH}export/")) == []


def test_the_file_holds_no_secret_and_no_formula(school: School) -> None:
    issued = cast.token(school.student, purpose='=HYPERLINK("http://x","y")', now=timezone.now())
    User.objects.filter(pk=school.student.pk).update(name="@SUM(1)", sis_user_id="+1")
    text = text_in(client_of(school.admin).get(f"{PATH}export/"))
    [row] = csv.DictReader(StringIO(text.removeprefix(BOM), newline=""))
    assert (row["purpose"][:3], row["owner"], row["sis_user_id"]) == ("'=H", "'@SUM(1)", "'+1")
    assert issued.secret.rpartition("_")[2] not in text
    assert issued.token.verifier not in text
    assert "argon2" not in text


def test_json_lines_hold_the_same_by_the_names_of_the_api(crowd: School) -> None:
    token_of(crowd.student, purpose='=a "quote", a comma and é')
    client = client_of(crowd.admin)
    answer = client.get(f"{PATH}export/?format=jsonl&owner=stud&sort=-ends")
    assert answer["Content-Type"] == "application/jsonl; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="tokens-\d{4}-\d\d-\d\d\.jsonl"', answer["Content-Disposition"])
    objects = [json.loads(line) for line in text_in(answer).splitlines()]
    cells = rows_of(client.get(f"{PATH}export/?owner=stud&sort=-ends"))
    assert [each["id"] for each in objects] == [int(row["token_id"]) for row in cells]
    assert [len(each) for each in objects] == [len(COLUMNS)] * len(cells)
    api = session_of(crowd.admin).get(f"users/{crowd.student.pk}/user_generated_tokens?per_page=100").body
    told = {each["id"]: each for each in api}
    for each in objects:
        shared = each.keys() & told[each["id"]].keys()
        assert shared >= {"id", "purpose", "state", "created_at", "expires_at", "last_used_at", "scopes", "use_count"}
        assert {name: each[name] for name in shared} == {name: told[each["id"]][name] for name in shared}
    [event, _] = audit.AuditEvent.objects.filter(action="token.export").order_by("pk")
    assert event.after == {"count": len(objects), "filters": {"owner": "stud"}}


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", *"\uff1d\uff0b\uff0d\uff20"])
def test_a_cell_that_begins_like_a_formula_is_shown_as_text(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "1-1", None, 5, -5])
def test_any_other_cell_stays(cell: object) -> None:
    assert defused(cell) == cell


def test_whoever_takes_the_file_stands_in_the_audit_trail(crowd: School) -> None:
    client_of(crowd.arts_admin).get(f"{PATH}export/?ends=14&q=soon")
    [event] = audit.AuditEvent.objects.filter(action="token.export")
    assert (event.actor, event.account) == (crowd.arts_admin, crowd.arts)
    assert event.after == {"count": 2, "filters": {"ends": "14", "q": "soon"}}
    assert "Exported a list of 2 tokens" in text_of(client_of(crowd.admin).get("/audit/"))


def test_a_long_file_comes_in_pieces(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokens.inventory.export.CHUNK", 20)
    many(school, 80)
    answer: Any = client_of(school.admin).get(f"{PATH}export/")
    pieces = list(answer.streaming_content)
    assert len(pieces) == 1 + 5
    assert len(b"".join(pieces).decode().splitlines()) == 1 + 81
