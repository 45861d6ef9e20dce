"""`manage.py verify_audit`."""

import json
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.chain import heads
from accounts.tasks import note_audit_head
from tests.cast import School
from tests.commands.conftest import Run
from tests.trail.forging import forge_lines
from tests.trail.forging import run as execute

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _lines(transactional_db: None) -> None:
    School()
    forge_lines(30)


def forge(statement: str) -> None:
    execute("SET session_replication_role = replica")
    execute(statement)
    execute("SET session_replication_role = origin")


@pytest.mark.usefixtures("_lines")
def test_a_whole_trail_is_sealed_and_said_to_be_whole(run: Run) -> None:
    ran = run("verify_audit")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("30 lines are sealed, whole; 0 heads compared.\nThe head is 30:")


@pytest.mark.usefixtures("_lines")
def test_each_wrong_line_is_named_and_the_exit_code_says_so(run: Run) -> None:
    run("verify_audit")
    fourth = "(SELECT line FROM accounts_auditseal WHERE place = 4)"
    forge(f"UPDATE accounts_auditevent SET reason = 'another' WHERE id = {fourth}")  # noqa: S608  # ours
    ran = run("verify_audit")
    assert ran.code == 1
    assert "at place 4 is not the one that was sealed" in ran.out
    found = json.loads(run("verify_audit", "--json").out)
    assert (found["whole"], found["lines"], [each["wrong"] for each in found["wrong"]]) == (False, 30, ["edited"])


@pytest.mark.usefixtures("_lines")
def test_a_head_is_compared_from_a_file_or_as_it_was_printed(run: Run, tmp_path: Path) -> None:
    head = run("verify_audit").out.split()[-1]
    file = tmp_path / "heads.jsonl"
    noted = heads.find_head()
    assert noted is not None
    heads.append(noted, file, now=timezone.now())
    forge("DELETE FROM accounts_auditseal WHERE place > 20")
    forge("DELETE FROM accounts_auditevent e WHERE NOT EXISTS (SELECT FROM accounts_auditseal s WHERE s.line = e.id)")
    assert run("verify_audit").code == 0
    for given in (head, str(file)):
        ran = run("verify_audit", "--head", given)
        assert ran.code == 1
        assert "cut off: place 30 was noted" in ran.out


@pytest.mark.parametrize("head", ["no/such/file", "12:abc", __file__])
@pytest.mark.usefixtures("_lines")
def test_a_head_that_is_none_is_refused(run: Run, head: str) -> None:
    assert run("verify_audit", "--head", head).code == 2


@pytest.mark.usefixtures("_lines")
def test_the_head_in_the_log_can_be_given_back(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run("verify_audit")
    with caplog.at_level("INFO"):
        note_audit_head()
    assert run("verify_audit", "--head", caplog.messages[-1].split()[-1]).code == 0
