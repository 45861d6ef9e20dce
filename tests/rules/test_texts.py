"""Purposes and reasons: what may stand in them."""

import pytest

from accounts.readable import first_hidden
from policies.refusals import Code, Refused
from tokens import secrets
from tokens.texts import clean_purpose, clean_reason

# A text that names a test is the same each time.
_BODY = "tpat_" + "k" * secrets.LOOKUP_LENGTH + "_" + "7" * secrets.SECRET_LENGTH
SECRET = _BODY + secrets.checksum(_BODY)


@pytest.mark.parametrize(
    "text", ["x", "7", "  trimmed\t", "Größe", "成績", "می\u200cخواهم", "क्\u200dष", "é" * 255, "📊 marks"]
)
def test_a_purpose_that_a_reader_can_see_is_taken(text: str) -> None:
    assert clean_purpose(text) == text.strip()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, Code.PURPOSE_MISSING),
        ("", Code.PURPOSE_BLANK),
        (" \t\n ", Code.PURPOSE_BLANK),
        ("...", Code.PURPOSE_BLANK),
        ("📊", Code.PURPOSE_BLANK),
        ("x" * 256, Code.PURPOSE_TOO_LONG),
        ("a\x00b", Code.PURPOSE_UNREADABLE),
        ("a\nb", Code.PURPOSE_UNREADABLE),
        ("a\u202eb", Code.PURPOSE_UNREADABLE),
        ("a\u200bb", Code.PURPOSE_UNREADABLE),
        ("\u200d", Code.PURPOSE_UNREADABLE),
        ("a\u200d", Code.PURPOSE_UNREADABLE),
        ("a\u2066b", Code.PURPOSE_UNREADABLE),
        ("a\ufeffb", Code.PURPOSE_UNREADABLE),
        ("a\u00adb", Code.PURPOSE_UNREADABLE),
        ("a\u3164b", Code.PURPOSE_UNREADABLE),
        ("a\u2800b", Code.PURPOSE_UNREADABLE),
        ("a\ufe0fb", Code.PURPOSE_UNREADABLE),
        ("a\ud800b", Code.PURPOSE_UNREADABLE),
        ("a\u2028b", Code.PURPOSE_UNREADABLE),
        ("a\U000e0041b", Code.PURPOSE_UNREADABLE),
        (SECRET, Code.PURPOSE_HAS_TOKEN),
        (f"for the script with {SECRET}!", Code.PURPOSE_HAS_TOKEN),
        (SECRET[:-1] + "A", Code.PURPOSE_HAS_TOKEN),
    ],
    ids=ascii,
)
def test_a_purpose_is_refused_with_the_reason(text: str | None, code: Code) -> None:
    with pytest.raises(Refused) as refused:
        clean_purpose(text)
    assert refused.value.code == code


def test_a_reason_may_be_empty_but_hides_nothing() -> None:
    assert clean_reason(None) == clean_reason("  ") == ""
    for text, code in (
        ("x" * 256, Code.REASON_TOO_LONG),
        ("a\x00", Code.REASON_UNREADABLE),
        (SECRET, Code.REASON_HAS_TOKEN),
    ):
        with pytest.raises(Refused) as refused:
            clean_reason(text)
        assert refused.value.code == code


def test_a_joiner_counts_as_visible_only_between_letters() -> None:
    assert first_hidden("a\u200cb") is None
    assert first_hidden("a \u200cb") == first_hidden("\u200cb") == "\u200c"
