"""The settings of an account as values, and which of two is the tighter. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

LONGEST_STUDENT_CAP = 120  # days; a school may set a shorter one, never a longer one
LONGEST_CAP = 3650  # days; for other people a school may set a limit, or none
MOST_TOKENS = 1000  # at once, of one person
LONGEST_UNUSED = 3650  # days
EARLIEST_NOTICE, MOST_NOTICES = 365, 6  # days before the end of a token, and how often its owner is told of it


class Audience(StrEnum):
    """Who may create tokens."""

    EVERYONE = "everyone"
    NO_STUDENTS = "no_students"
    ADMINS_ONLY = "admins_only"


class Approval(StrEnum):
    """Whose tokens somebody has to approve; never those of people who may create tokens for others."""

    NOBODY = "nobody"
    STUDENTS = "students"
    EVERYONE = "everyone"


class Leaked(StrEnum):
    """What becomes of a token whose secret is reported to be in the open."""

    SUSPEND = "suspend"
    REVOKE = "revoke"


class ClassTokens(StrEnum):
    """Who may make tokens for all students of a course at once, of those who teach it."""

    STAFF = "staff"
    INSTRUCTORS = "instructors"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Rules:
    """The effective settings of one account, every one of them decided. Days are times 24 hours."""

    audience: Audience = Audience.EVERYONE
    student_cap_days: int = LONGEST_STUDENT_CAP
    teaching_cap_days: int | None = None  # None: no limit, so a token may never expire
    admin_cap_days: int | None = None
    tokens_at_once: int | None = None  # in use, of one person; None: any number
    scopes_required: bool = False
    student_scopes: frozenset[str] | None = None  # None: students may take any
    unused_days: int | None = None  # a token ends that was not used for so long; None: never
    observers_count_as_students: bool = False
    approval: Approval = Approval.NOBODY
    auto_approve_days: int = 0  # what is to live no longer than that is approved at once; 0: nothing is
    longer_on_request: bool = True  # whether people may ask for a longer life than their limit
    guidance_text: str = ""  # shown where a token is generated
    guidance_url: str = ""
    leaked_tokens: Leaked = Leaked.REVOKE
    class_tokens: ClassTokens = ClassTokens.INSTRUCTORS  # in the courses of the account
    # So many days before the end of a token its owner is told of it, the earliest first.
    notice_days: tuple[int, ...] = (30, 14, 7, 1)


# The settings, by the one name that column, form field, rule and API share.
SETTINGS = tuple(field.name for field in fields(Rules))
# Where None is no limit; an account that sets none itself inherits, so that "no limit" has to be said by a number.
LIMITS = ("teaching_cap_days", "admin_cap_days", "tokens_at_once", "unused_days")
NO_LIMIT = 0


def _shorter(one: int | None, other: int | None) -> int | None:
    """The smaller limit; none is the largest."""
    return min((limit for limit in (one, other) if limit is not None), default=None)


def _fewer(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """The scopes in both; where there is none, the first, since students must be left something to name."""
    if one is None or other is None:
        return other if one is None else one
    return one & other or one


def _further(order: type[StrEnum]) -> Callable[[Any, Any], Any]:
    steps = list(order)
    return lambda one, other: max(one, other, key=steps.index)


def _first(one: Any, _other: Any) -> Any:
    """A text is not tighter than another, nor are days of notices: where they are locked they stay."""
    return one


# Of two values of a setting the tighter one; the first is that of the account above.
_TIGHTER: Mapping[str, Callable[[Any, Any], Any]] = {
    "audience": _further(Audience),
    "student_cap_days": _shorter,
    "teaching_cap_days": _shorter,
    "admin_cap_days": _shorter,
    "tokens_at_once": _shorter,
    "scopes_required": max,
    "student_scopes": _fewer,
    "unused_days": _shorter,
    "observers_count_as_students": max,
    "approval": _further(Approval),
    "auto_approve_days": min,
    "longer_on_request": min,
    "guidance_text": _first,
    "guidance_url": _first,
    "leaked_tokens": _further(Leaked),
    "class_tokens": _further(ClassTokens),
    "notice_days": _first,
}


def tighter(name: str, above: Any, own: Any) -> Any:
    """What is left of an account's own value of a setting below `above`, which is locked."""
    return _TIGHTER[name](above, own)


@dataclass(frozen=True, slots=True)
class Merged:
    """The rules of an account, and which of them are locked for the accounts below it."""

    rules: Rules = Rules()
    locked: frozenset[str] = frozenset()

    def below(self, own: Mapping[str, Any], locking: frozenset[str]) -> "Merged":
        """Those of an account below this one, which sets `own` and locks `locking` itself."""
        values = {name: self.left_of(name, value) for name, value in own.items()}
        return Merged(replace(self.rules, **values), self.locked | locking)

    def left_of(self, name: str, own: Any) -> Any:
        """What an account below comes to with its own value: that, or under a lock the tighter one."""
        return tighter(name, getattr(self.rules, name), own) if name in self.locked else own
