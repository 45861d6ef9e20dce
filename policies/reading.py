"""Settings as texts, for doors that have nothing else: forms over the wire and the command line."""

from collections.abc import Callable, Mapping
from typing import Any

from policies.rules import LIMITS

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read(name: str, text: str) -> Any:
    """The value that a text means for a setting; the text itself where it means none, which `validity` then refuses.

    The empty text is inherited. Lists have commas in between.
    """
    return _READ.get(name, str)(text) if text else None


def as_number(text: str) -> int | str:
    """A whole number, if it is one that a setting could be."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _flag(text: str) -> bool | str:
    return _FLAGS.get(text.lower(), text)


def _list(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _numbers(text: str) -> list[int | str]:
    return [as_number(each) for each in _list(text)]


_READ: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys((*LIMITS, "student_cap_days", "auto_approve_days"), as_number),
    **dict.fromkeys(("scopes_required", "observers_count_as_students", "longer_on_request"), _flag),
    **dict.fromkeys(("student_scopes", "locked"), _list),
    "notice_days": _numbers,
}
