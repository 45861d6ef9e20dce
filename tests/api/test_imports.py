"""POST /token_imports."""

import pytest
from pytest_django import Settings

from tests.api.caller import bearer_of, session_of
from tests.cast import School
from tests.foreign import CANVAS, HEADER, line
from tokens.models import AccessToken


@pytest.fixture(autouse=True)
def canvas(settings: Settings) -> None:
    """Tokens of Canvas are known here."""
    settings.FOREIGN_TOKENS = CANVAS


def test_lines_come_in_once_and_bad_ones_are_named(school: School) -> None:
    said = {"source": "Canvas", "csv": HEADER + line(1) + line(2, owner="nobody")}
    admin = session_of(school.admin)
    looked = admin.post("token_imports", {**said, "dry_run": True})
    assert (looked.status, looked.body["imported"], AccessToken.objects.count()) == (200, 1, 0)
    first, second = admin.post("token_imports", said).body, admin.post("token_imports", said).body
    assert (first["imported"], first["shortened"], first["known"], first["left_out"]) == (1, 1, 0, 1)
    [problem] = first["problems"]
    assert (problem["line"], problem["code"]) == (3, "owner_unknown")
    assert (second["imported"], second["known"]) == (0, 1)


def test_it_takes_the_rules_of_the_whole_school_and_a_token_made_for_it(school: School) -> None:
    said = {"source": "Canvas", "csv": HEADER + line(1)}
    assert session_of(school.arts_admin).post("token_imports", said).refusal == (403, "forbidden")
    assert bearer_of(school.admin).post("token_imports", said).refusal == (403, "insufficient_scope")
    assert bearer_of(school.admin, scopes=("tokens:manage",)).post("token_imports", said).status == 200


def test_bad_bodies_change_nothing(school: School, settings: Settings) -> None:
    admin = session_of(school.admin)
    assert admin.post("token_imports", {"csv": HEADER}).refusal == (400, "source_missing")
    assert admin.post("token_imports", {"source": "Canvas"}).refusal == (400, "import_unreadable")
    assert admin.post("token_imports", {"source": ["Canvas"], "csv": HEADER}).refusal == (400, "parameter_invalid")
    settings.FOREIGN_TOKENS = ""
    assert admin.post("token_imports", {"source": "C", "csv": HEADER}).refusal == (400, "import_not_set_up")
