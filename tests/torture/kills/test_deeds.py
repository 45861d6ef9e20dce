"""What the kills compare in the end: deeds, the trail, the tokens."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.torture.kills.deeds import Deed, Line, Row, find_uncounted, find_unlike

END = datetime(2026, 12, 1, 12, 0, 0, 123456, tzinfo=UTC)


def lines(*names: str, action: str = "token.update") -> list[Line]:
    return [Line(action, 1, {}, name) for name in names]


@pytest.mark.parametrize(
    ("names", "acknowledged", "refused", "written", "is_right"),
    [
        (["a"], True, False, ["a"], True),
        (["a"], True, False, [], False),
        (["a"], True, False, ["a", "a"], False),
        (["a"], False, False, [], True),
        (["a"], False, False, ["a"], True),
        (["a", "b"], True, False, ["b"], True),
        (["a", "b"], True, False, ["a", "b"], False),
        (["a", "b"], False, False, ["a", "b"], False),
        (["a"], False, True, [], True),
        (["a"], False, True, ["a"], False),
    ],
)
def test_what_was_acknowledged_is_there_once_and_what_was_not_once_or_never(
    names: list[str], acknowledged: bool, refused: bool, written: list[str], is_right: bool
) -> None:
    deed = Deed("token.update", names, acknowledged, refused)
    assert (not list(find_uncounted([deed], lines(*written)))) == is_right


def test_a_line_about_something_else_is_not_counted() -> None:
    assert list(find_uncounted([Deed("token.update", ["a"], True)], lines("a", action="token.clamp")))


@pytest.mark.parametrize(
    ("told", "facts", "is_like"),
    [
        ([{"state": "active"}, {"state": "revoked"}], {"state": "revoked"}, True),
        ([{"state": "active"}], {"state": "revoked"}, False),
        ([{"state": "active"}, {"state": "revoked"}], {"state": "active"}, False),
        ([{"expires_at": "2026-12-01T12:00:00.123Z"}], {"expires_at": END}, True),
        ([{"expires_at": "2026-12-01T12:00:00.121Z"}], {"expires_at": END}, False),
        ([{"expires_at": None}], {"expires_at": END}, False),
        ([], {"state": "active"}, False),
    ],
)
def test_a_token_is_what_its_lines_say_one_after_the_other(
    told: list[dict[str, Any]], facts: dict[str, Any], is_like: bool
) -> None:
    trail = [Line("token.update", 7, after, "") for after in told]
    assert (not list(find_unlike([Row(7, facts)], trail))) == is_like


def test_lines_of_a_token_that_is_not_there_are_found() -> None:
    assert list(find_unlike([], lines("a")))
