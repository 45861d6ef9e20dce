"""What each setting of an account can be, whoever sets it."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from accounts.lookout import holds_secret
from accounts.readable import first_hidden
from policies.models.policy import FIELDS, LONGEST_GUIDANCE, LONGEST_LINK
from policies.refusals import Code, Gathered, refuse
from policies.rules import (
    EARLIEST_NOTICE,
    LONGEST_CAP,
    LONGEST_STUDENT_CAP,
    LONGEST_UNUSED,
    MOST_NOTICES,
    MOST_TOKENS,
    NO_LIMIT,
    SETTINGS,
    Approval,
    Audience,
    ClassTokens,
    Leaked,
)

# Checks a value of the setting of that name. Raises Refused.
Check = Callable[[str, Any], None]


def require_valid(values: Mapping[str, object]) -> None:
    """Check what an account shall set by itself, None standing for nothing. Raises Refused, for all that is wrong."""
    with Gathered() as gathered:
        for name, value in values.items():
            with gathered:
                _require_setting(name, value)
    gathered.require()


def _require_setting(name: str, value: Any) -> None:
    if name not in FIELDS:
        raise refuse(Code.SETTING_INVALID, name)
    if value is not None or name == "locked":
        _CHECKS[name](name, value)


def _one_of(choices: Any, code: Code) -> Check:
    def check(name: str, value: Any) -> None:
        if not isinstance(value, str) or value not in set(choices):
            raise refuse(code, name)

    return check


def _days(least: int, most: int, code: Code) -> Check:
    def check(name: str, value: Any) -> None:
        if type(value) is not int or not least <= value <= most:
            raise refuse(code, name)

    return check


def _number(least: int, most: int) -> Check:
    def check(name: str, value: Any) -> None:
        if type(value) is not int or not least <= value <= most:
            raise refuse(Code.NUMBER_OUT_OF_RANGE, name, least=least, most=most)

    return check


def _flag(name: str, value: Any) -> None:
    if type(value) is not bool:
        raise refuse(Code.SETTING_INVALID, name)


def _names(name: str, value: Any) -> None:
    if not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
        raise refuse(Code.SETTING_INVALID, name)


def _scopes(name: str, value: Any) -> None:
    """An empty list would let students make no token at all, which is the audience's to say."""
    _names(name, value)
    if not value:
        raise refuse(Code.STUDENT_SCOPES_EMPTY, name)


def _notices(name: str, value: Any) -> None:
    """An empty list is no word before the end."""
    are_days = isinstance(value, list) and all(type(day) is int and 1 <= day <= EARLIEST_NOTICE for day in value)
    if not are_days or len(set(value)) > MOST_NOTICES:
        raise refuse(Code.NOTICE_DAYS_INVALID, name, most=MOST_NOTICES, earliest=EARLIEST_NOTICE)


def _locked(name: str, value: Any) -> None:
    _names(name, value)
    if not set(value) <= set(SETTINGS):
        raise refuse(Code.SETTING_INVALID, name)


def _text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise refuse(Code.SETTING_INVALID, name)
    if holds_secret(value):
        raise refuse(Code.GUIDANCE_HAS_TOKEN, name)
    if len(value) > LONGEST_GUIDANCE:
        raise refuse(Code.GUIDANCE_TOO_LONG, name, most=LONGEST_GUIDANCE)
    hidden = first_hidden(value.replace("\n", " "))
    if hidden is not None:
        raise refuse(Code.GUIDANCE_UNREADABLE, name, character=f"U+{ord(hidden):04X}")


def _link(name: str, value: Any) -> None:
    """Only a place on the web, so that no link runs a script; the empty text is no link."""
    if not isinstance(value, str) or len(value) > LONGEST_LINK:
        raise refuse(Code.LINK_INVALID, name)
    if holds_secret(value):
        raise refuse(Code.GUIDANCE_HAS_TOKEN, name)
    if value and not _is_web_address(value):
        raise refuse(Code.LINK_INVALID, name)


def _is_web_address(text: str) -> bool:
    if first_hidden(text) is not None or any(character.isspace() for character in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


_CHECKS: dict[str, Check] = {
    "audience": _one_of(Audience, Code.AUDIENCE_UNKNOWN),
    "student_cap_days": _days(1, LONGEST_STUDENT_CAP, Code.CAP_OUT_OF_RANGE),
    "teaching_cap_days": _days(NO_LIMIT, LONGEST_CAP, Code.LIFE_OUT_OF_RANGE),
    "admin_cap_days": _days(NO_LIMIT, LONGEST_CAP, Code.LIFE_OUT_OF_RANGE),
    "tokens_at_once": _number(NO_LIMIT, MOST_TOKENS),
    "scopes_required": _flag,
    "student_scopes": _scopes,
    "unused_days": _number(NO_LIMIT, LONGEST_UNUSED),
    "observers_count_as_students": _flag,
    "approval": _one_of(Approval, Code.APPROVAL_UNKNOWN),
    "auto_approve_days": _number(0, LONGEST_CAP),
    "longer_on_request": _flag,
    "guidance_text": _text,
    "guidance_url": _link,
    "leaked_tokens": _one_of(Leaked, Code.LEAKED_TOKENS_UNKNOWN),
    "class_tokens": _one_of(ClassTokens, Code.CLASS_TOKENS_UNKNOWN),
    "notice_days": _notices,
    "locked": _locked,
}
