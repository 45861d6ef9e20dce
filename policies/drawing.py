"""How each setting of an account is drawn: its state in the tree, its choices, and which a lock above closes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from policies.inheritance import Origin
from policies.models.policy import as_rule
from policies.rules import (
    LONGEST_CAP,
    LONGEST_STUDENT_CAP,
    LONGEST_UNUSED,
    MOST_TOKENS,
    Approval,
    Audience,
    ClassTokens,
    Leaked,
    tighter,
)
from policies.saying import name_of, said, said_rule, shortened
from policies.settings_form import CHOSEN, NOTHING, SettingsForm

MOST = {
    "student_cap_days": LONGEST_STUDENT_CAP,
    "teaching_cap_days": LONGEST_CAP,
    "admin_cap_days": LONGEST_CAP,
    "tokens_at_once": MOST_TOKENS,
    "unused_days": LONGEST_UNUSED,
    "auto_approve_days": LONGEST_CAP,
}
AUDIENCES: Mapping[str, tuple[str, Promise, Promise]] = {
    Audience.EVERYONE: (
        "users",
        _("Everyone"),
        _("Students, observers, instructors, TAs, designers and administrators."),
    ),
    Audience.NO_STUDENTS: (
        "graduation-cap",
        _("Everyone except students"),
        _("Whoever teaches, assists, designs or administrates. A student who is also a TA can create tokens."),
    ),
    Audience.ADMINS_ONLY: (
        "shield-check",
        _("Administrators only"),
        _("They can still make a token for someone else; that person has to activate it."),
    ),
}
# What there is to choose, by what the form calls it.
_CHOICES: Mapping[str, Mapping[str, Promise]] = {
    "audience": {value: words for value, (_icon, words, _help) in AUDIENCES.items()},
    "teaching_cap_days": {"no": _("May never expire"), "yes": _("Must end within")},
    "admin_cap_days": {"no": _("May never expire"), "yes": _("Must end within")},
    "tokens_at_once": {"no": _("Any number"), "yes": _("At most")},
    "unused_days": {"no": _("Never end for that"), "yes": _("End after")},
    "approval": {
        Approval.NOBODY: _("Nobody's"),
        Approval.STUDENTS: _("Those of students"),
        Approval.EVERYONE: _("Everybody's"),
    },
    "auto_approve_days": {"no": _("No token"), "yes": _("What lives no longer than")},
    "longer_on_request": {"no": _("No"), "yes": _("Yes, for a reason")},
    "scopes_required": {"no": _("No"), "yes": _("Yes, at least one")},
    "observers_count_as_students": {"no": _("No"), "yes": _("Yes")},
    "leaked_tokens": {Leaked.REVOKE: _("Are revoked at once"), Leaked.SUSPEND: _("Are suspended")},
    "class_tokens": {
        ClassTokens.STAFF: _("Instructors and TAs"),
        ClassTokens.INSTRUCTORS: _("Instructors"),
        ClassTokens.NOBODY: _("Nobody"),
    },
    "guidance_text": {"no": _("No text"), "yes": _("This text")},
    "guidance_url": {"no": _("No link"), "yes": _("This link")},
    "notice_days": {"no": _("Only when it has ended"), "yes": _("So many days before")},
}
_FOLDED = {
    "approval": ("approval", "auto_approve_days", "longer_on_request"),
    "scopes": ("scopes_required", "student_scopes"),
    "guidance": ("guidance_text", "guidance_url"),
    "notices": ("notice_days",),
    "leaks": ("leaked_tokens",),
    "classes": ("class_tokens",),
    "observers": ("observers_count_as_students",),
}
# What a choice may come to at its tightest, where the form calls it otherwise.
_TIGHTEST: Mapping[str, Any] = {**dict.fromkeys(MOST, 1), "guidance_text": "…", "guidance_url": "…", "notice_days": [1]}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a setting; a closed one is looser than a lock above leaves."""

    value: str
    words: str | Promise
    is_chosen: bool
    is_closed: bool


@dataclass(frozen=True)
class Drawn:
    """One setting on the page. `bears_lock` says whether there is anything below that could be locked."""

    name: str
    origin: Origin
    form: SettingsForm
    bears_lock: bool

    @property
    def title(self) -> str:
        return name_of(self.name)

    @property
    def is_below(self) -> bool:
        """Whether there is an account above to inherit from."""
        return not self.form.is_root

    @property
    def field(self) -> BoundField:
        """Where the value itself is written, or the only choice."""
        return self.form[self.name]

    @property
    def chooser(self) -> BoundField:
        """Where it is chosen what holds."""
        return self.form[f"{self.name}_set"] if self.name in CHOSEN else self.field

    @property
    def inherited(self) -> str:
        """What would hold if nothing were set here, in words."""
        return shortened(said_rule(self.name, self.origin.inherited))

    @property
    def own(self) -> str:
        """What is set here, in words."""
        return shortened(said(self.name, self.origin.own))

    @property
    def value(self) -> str:
        """What holds, in words."""
        return shortened(said_rule(self.name, self.origin.value))

    @property
    def is_text(self) -> bool:
        """Whether nothing is tighter than a value of this setting, so that a lock leaves no choice."""
        return self.name in ("guidance_text", "guidance_url", "notice_days")

    @property
    def has_choices(self) -> bool:
        """Whether it is chosen from a list, or first chosen and then written."""
        return self.name in _CHOICES

    @property
    def errors(self) -> list[str]:
        """What is wrong with it, in words."""
        return [*self.chooser.errors, *(self.field.errors if self.chooser is not self.field else ())]

    @property
    def asks_for_a_look(self) -> bool:
        """Whether something is wrong with it, without effect, or about to change."""
        changed = self.form.changed_data if self.form.is_bound else ()
        return (
            bool(self.errors) or self.origin.is_overruled or self.field.name in changed or self.chooser.name in changed
        )

    @property
    def is_locked_here(self) -> bool:
        """Whether the form locks it."""
        return self.name in (self.form["locked"].value() or ())

    @property
    def most(self) -> int:
        """The largest number that can be written here."""
        left = self.origin.inherited if self.origin.locked_by is not None else None
        return left or MOST[self.name]

    @cached_property
    def options(self) -> list[Option]:
        """What there is to choose; whoever has an account above can leave it to that."""
        words: dict[str, str | Promise] = {"": _("As in the account above")} if self.is_below else {}
        words |= _CHOICES.get(self.name, {})
        now = self.chooser.value() or ""
        return [Option(v, each, v == now, v != now and self.is_closed(v)) for v, each in words.items()]

    @property
    def closed(self) -> list[str]:
        """The choices that a lock above has closed."""
        return [option.value for option in self.options if option.is_closed]

    @property
    def allowed_scopes(self) -> frozenset[str] | None:
        """The scopes that a lock above leaves to choose from; None for any."""
        scopes: frozenset[str] | None = self.origin.inherited if self.origin.locked_by is not None else None
        return scopes

    def is_closed(self, value: str) -> bool:
        """Whether a lock above leaves nothing of this choice."""
        if value == "" or self.origin.locked_by is None:
            return False
        rule = as_rule(self.name, self._column(value))
        return bool(tighter(self.name, self.origin.inherited, rule) != rule)

    def _column(self, value: str) -> Any:
        if self.name in NOTHING:
            return NOTHING[self.name] if value == "no" else _TIGHTEST[self.name]
        return {"yes": True, "no": False}.get(value, value)


@dataclass(frozen=True, slots=True)
class Group:
    """Settings on one card, which is folded until there is something to look at."""

    settings: list[Drawn]

    @property
    def is_open(self) -> bool:
        return any(setting.asks_for_a_look for setting in self.settings)


def draw(form: SettingsForm, *, bears_lock: bool) -> dict[str, Drawn]:
    """Every setting of an account as its form shows it, by name."""
    bears_lock = bears_lock or any(origin.locks for origin in form.known.values())
    return {name: Drawn(name, origin, form, bears_lock) for name, origin in form.known.items()}


def folded(drawn: Mapping[str, Drawn]) -> dict[str, Group]:
    """The cards that are folded."""
    return {card: Group([drawn[name] for name in names]) for card, names in _FOLDED.items()}
