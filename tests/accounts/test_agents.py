"""Browsers are told by their names, whatever stands in the header."""

import pytest

from accounts.agents import called

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"  # noqa: E501  # as it is sent


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (WINDOWS, "Firefox · Windows"),
        (IPHONE, "Mobile Safari · iOS"),
        ("curl/8.0", "curl"),
        ("", ""),
        ("a program of my own", "a program of my own"),
        ("<b>" * 80, "<b>" * 80),
        ("\u202e\x00" * 100, "\u202e\x00" * 100),
    ],
)
def test_a_browser_is_told_by_its_name_and_what_nobody_knows_as_it_is(agent: str, expected: str) -> None:
    assert called(agent) == expected
