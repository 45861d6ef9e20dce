"""Each of these faults, planted, turns the check red that looks for it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from canvasapi.paginated_list import PaginatedList

from accounts.canvas import asking, meaning, syncing
from accounts.canvas.asking import Thing
from accounts.sis import complete
from accounts.sis.complete import Complete
from tests.canvas import test_failures, test_missing, test_syncing
from tests.canvas.conftest import Runner
from tests.canvas.server import Canvas
from tests.canvas.test_memory import check_that_it_is_flat

Check = Callable[[], None]


def is_red(check: Check) -> bool:
    """Whether a check fails."""
    try:
        check()
    except (AssertionError, pytest.fail.Exception):
        return True
    return False


def test_canvasapis_own_pages_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Kept(PaginatedList[Thing]):  # type: ignore[misc]  # canvasapi has no types
        def __iter__(self) -> Iterator[Any]:
            while self._has_next():
                yield self._grow()

    monkeypatch.setattr(asking, "_Pages", Kept)

    assert is_red(lambda: check_that_it_is_flat(tmp_path))


def test_a_completed_role_that_stays_active(run: Runner, canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(meaning.ENROLLMENTS, "completed", "active")

    check = test_syncing.test_each_state_of_an_enrollment_has_its_meaning
    assert is_red(lambda: check(run, canvas, "completed", "completed"))


def test_an_end_at_the_first_miss(run: Runner, canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "Complete", lambda most, _agreed: Complete(most, agreed=True))

    assert is_red(lambda: test_missing.test_who_is_missing_once_is_left_alone(run, canvas))


def test_no_brake(run: Runner, canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complete, "FEWEST_GONE", 1_000_000)

    assert is_red(lambda: test_missing.test_where_many_roles_are_missing_nothing_is_changed(run, canvas))


def test_redirects_that_are_followed(run: Runner, canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    get = requests.Session.get

    def follows(self: requests.Session, url: str, **options: Any) -> requests.Response:
        return get(self, url, **{**options, "allow_redirects": True})

    monkeypatch.setattr(requests.Session, "get", follows)

    assert is_red(lambda: test_failures.test_the_token_goes_to_no_address_that_an_answer_names(run, canvas))


def test_a_switched_off_person_who_is_switched_on_again(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complete, "_STAYS_OFF", "SELECT 1")

    assert is_red(lambda: test_missing.test_who_was_switched_off_in_the_portal_stays_so(run))
