"""The form of an account's settings: what it shows of them, and what it says that shall differ."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from policies.forms import PlainText, RefusableForm, Texts
from policies.inheritance import Origin
from policies.models.policy import FIELDS, as_column
from policies.rules import LIMITS, NO_LIMIT, SETTINGS

# Where a value may be nothing at all, NAME_set says which: "" for what the account above says, "no" for nothing, "yes"
# for what the field itself says. Scopes have no "no": a policy cannot hold "any" below a limit.
NOTHING: Mapping[str, int | str | list[int]] = {
    **dict.fromkeys(LIMITS, NO_LIMIT),
    "auto_approve_days": 0,
    "guidance_text": "",
    "guidance_url": "",
    "notice_days": [],
}
CHOSEN = (*NOTHING, "student_scopes")


class SettingsForm(RefusableForm):
    """What one account sets itself; an empty value is inherited from the account above."""

    audience = PlainText()
    student_cap_days = PlainText()
    teaching_cap_days_set = PlainText()
    teaching_cap_days = PlainText()
    admin_cap_days_set = PlainText()
    admin_cap_days = PlainText()
    tokens_at_once_set = PlainText()
    tokens_at_once = PlainText()
    unused_days_set = PlainText()
    unused_days = PlainText()
    approval = PlainText()
    auto_approve_days_set = PlainText()
    auto_approve_days = PlainText()
    longer_on_request = PlainText()
    scopes_required = PlainText()
    student_scopes_set = PlainText()
    student_scopes = Texts()
    guidance_text_set = PlainText()
    guidance_text = PlainText(widget=forms.Textarea)
    guidance_url_set = PlainText()
    guidance_url = PlainText()
    observers_count_as_students = PlainText()
    leaked_tokens = PlainText()
    class_tokens = PlainText()
    notice_days_set = PlainText()
    notice_days = PlainText()
    # The settings that are locked for the accounts below; an empty one says that the boxes were there to be ticked.
    locked = Texts()

    def __init__(self, data: Any, *, known: Mapping[str, Origin], is_root: bool) -> None:
        """Show what `known` says; a root account inherits from nobody, so it shows what holds."""
        self.known, self.is_root = known, is_root
        super().__init__(data, initial=self._shown())

    def values(self) -> dict[str, object]:
        """What shall differ, as `policies.settings.change` takes it; what is no setting it refuses.

        What was not sent stays, and so does what nobody touched: a lock above may have overruled it, and the portal's
        defaults, which the root shows, are not set by being seen.
        """
        sent = {name: self._value(name) for name in FIELDS if self._was_sent(name)}
        return {name: value for name, value in sent.items() if not self._is_as_it_was(name, value)}

    def _was_sent(self, name: str) -> bool:
        return self._says(name) is not None if name in CHOSEN else name in self.data

    def _says(self, name: str) -> str | None:
        """What NAME_set says; a number that came without it speaks for itself."""
        if f"{name}_set" in self.data:
            return str(self.cleaned_data[f"{name}_set"])
        if name not in self.data or name == "student_scopes":
            return None
        return "yes" if self.cleaned_data[name].strip() else ""

    def _value(self, name: str) -> object:
        found = self.cleaned_data[name]
        if name == "locked":
            return _in_order(filter(None, found))
        if name not in CHOSEN:
            return _READ.get(name, _text)(found.strip())
        says = self._says(name)
        if not says:
            return None
        if name == "student_scopes":
            return sorted(set(found))
        if says == "no":
            return NOTHING[name]
        value = _READ.get(name, _text)(found.strip())
        return "" if value is None else value

    def _is_as_it_was(self, name: str, value: object) -> bool:
        if name == "locked":
            return value == self._locked()
        origin = self.known[name]
        if origin.own is None:
            return value is None or (self.is_root and value == as_column(name, origin.value))
        return value == (sorted(origin.own) if isinstance(origin.own, list) else origin.own)

    def _locked(self) -> list[str]:
        return [name for name in SETTINGS if self.known[name].locks]

    def _shown(self) -> dict[str, object]:
        shown: dict[str, object] = {"locked": self._locked()}
        for name, origin in self.known.items():
            is_default = self.is_root and origin.own is None
            shown |= _fields(name, as_column(name, origin.value) if is_default else origin.own)
        return shown


def _fields(name: str, value: Any) -> dict[str, object]:
    """What the fields of a setting show of a value; None is nothing set."""
    if name == "student_scopes":
        return {f"{name}_set": "" if value is None else "yes", name: value or []}
    if name not in NOTHING:
        return {name: _written(value)}
    if value is None or value == NOTHING[name]:
        return {f"{name}_set": "" if value is None else "no", name: ""}
    return {f"{name}_set": "yes", name: _written(value)}


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, sorted(value, reverse=True)))
    return str(value)


def _in_order(names: Any) -> list[str]:
    """In the order of the settings; what is none of them last."""
    places = {name: place for place, name in enumerate(SETTINGS)}
    return sorted(set(names), key=lambda name: (places.get(name, len(places)), name))


def _text(text: str) -> object:
    """A text, None for nothing; browsers send lines as the mail does."""
    return text.replace("\r\n", "\n") or None


def _flag(text: str) -> object:
    """Yes, no, None for nothing, or the text itself, for the door to refuse."""
    return {"": None, "yes": True, "no": False}.get(text, text)


def _number(text: str) -> object:
    """A number, None for nothing, or the text itself, for the door to refuse."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return text or None


def _days(text: str) -> object:
    """Days with commas or spaces in between, or the text itself, for the door to refuse."""
    days = [_number(each) for each in re.split(r"[\s,،;]+", text) if each]
    return sorted({day for day in days if isinstance(day, int)}) if all(isinstance(d, int) for d in days) else text


_READ: Mapping[str, Callable[[str], object]] = {
    "student_cap_days": _number,
    "teaching_cap_days": _number,
    "admin_cap_days": _number,
    "tokens_at_once": _number,
    "unused_days": _number,
    "auto_approve_days": _number,
    "notice_days": _days,
    "longer_on_request": _flag,
    "scopes_required": _flag,
    "observers_count_as_students": _flag,
}
