"""Settings in words: what each is called, and what its values mean."""

from collections.abc import Iterable
from typing import Any

from django.template.defaultfilters import truncatechars
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from policies.ending import Existing
from policies.models.policy import as_column
from policies.rules import LIMITS, NO_LIMIT, Approval, Audience, ClassTokens, Leaked

NAMES: dict[str, Promise] = {
    "audience": gettext_lazy("Who may create tokens"),
    "student_cap_days": gettext_lazy("Student limit"),
    "teaching_cap_days": gettext_lazy("Limit for instructors, TAs, designers"),
    "admin_cap_days": gettext_lazy("Limit for administrators"),
    "tokens_at_once": gettext_lazy("Tokens at once"),
    "scopes_required": gettext_lazy("Tokens must name scopes"),
    "student_scopes": gettext_lazy("Scopes for students"),
    "unused_days": gettext_lazy("Unused tokens"),
    "observers_count_as_students": gettext_lazy("Observers count as students"),
    "approval": gettext_lazy("Whose tokens need approval"),
    "auto_approve_days": gettext_lazy("Approved at once"),
    "longer_on_request": gettext_lazy("Asking for a longer life"),
    "guidance_text": gettext_lazy("Guidance"),
    "guidance_url": gettext_lazy("Link to the guidance"),
    "leaked_tokens": gettext_lazy("Leaked tokens"),
    "class_tokens": gettext_lazy("Tokens for classes"),
    "notice_days": gettext_lazy("Word before a token ends"),
    "locked": gettext_lazy("Locked for the accounts below"),
}
EXISTING: dict[str, Promise] = {
    Existing.KEEP: gettext_lazy("stay valid"),
    Existing.RUN_OUT: gettext_lazy("run out within the student limit"),
    Existing.END_ON: gettext_lazy("end on a date"),
    Existing.REVOKE: gettext_lazy("are revoked"),
}
_CHOICES: dict[str, Promise] = {
    Audience.EVERYONE: gettext_lazy("everyone"),
    Audience.NO_STUDENTS: gettext_lazy("everyone except students"),
    Audience.ADMINS_ONLY: gettext_lazy("administrators only"),
    Approval.NOBODY: gettext_lazy("nobody"),
    Approval.STUDENTS: gettext_lazy("students"),
    Leaked.SUSPEND: gettext_lazy("are suspended"),
    Leaked.REVOKE: gettext_lazy("are revoked"),
    ClassTokens.STAFF: gettext_lazy("instructors and TAs"),
    ClassTokens.INSTRUCTORS: gettext_lazy("instructors"),
}
CHOICES = ("audience", "approval", "leaked_tokens", "class_tokens")
_IN_A_SENTENCE = 60  # characters


def name_of(setting: str) -> str:
    """What a setting is called; one that is not known by its own name."""
    return str(NAMES.get(setting, setting))


def said(setting: str, value: Any) -> str:
    """A value as an account sets it; None is nothing set."""
    if value is None:
        return _("not set")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return _number(setting, value)
    if isinstance(value, str):
        return str(_CHOICES.get(value, value)) if setting in CHOICES else value or _("none")
    return _several(setting, value)


def said_rule(setting: str, value: Any) -> str:
    """A value that holds, as `Rules` have it; None is no limit."""
    if setting == "student_scopes" and value is None:
        return _("any")
    return said(setting, as_column(setting, value))


def shortened(words: str) -> str:
    """As much of a value as fits into a sentence: a text of a school's own may be long."""
    return truncatechars(words, _IN_A_SENTENCE)


def _number(setting: str, value: int) -> str:
    if setting in LIMITS and value == NO_LIMIT:
        return _("no limit")
    if setting == "auto_approve_days" and value == 0:
        return _("no token")
    if setting == "tokens_at_once":
        return ngettext("%(n)d token", "%(n)d tokens", value) % {"n": value}
    return ngettext("%(n)d day", "%(n)d days", value) % {"n": value}


def _several(setting: str, values: Iterable[Any]) -> str:
    if setting == "notice_days":
        return _notices(sorted(values, reverse=True))
    words = map(name_of, values) if setting == "locked" else sorted(values)
    return ", ".join(words) or _("none")


def _notices(days: list[int]) -> str:
    if not days:
        return _("only when it has ended")
    words = ngettext("%(days)s day before", "%(days)s days before", days[0])
    return words % {"days": ", ".join(map(str, days))}
