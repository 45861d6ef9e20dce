"""Forms whose errors are refusals: nothing is checked twice, and every door says the same sentence."""

from typing import Any, ClassVar

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from policies.refusals import Refused
from policies.rules import LONGEST_CAP, LONGEST_STUDENT_CAP, Audience
from policies.wording import sentence


class PlainText(forms.CharField):
    """A text as it came: what may stand in it the door says, in its own words, Django's opinion about NUL left out."""

    def __init__(self, *, asked: bool = False, **kwargs: Any) -> None:
        """`asked` draws the field as required; that it is filled in the door checks."""
        super().__init__(required=False, strip=False, **kwargs)
        self.validators = []
        self.asked = asked


class Texts(forms.Field):
    """Any number of texts, drawn as boxes to tick; which of them there are the door says."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        """Take none as well."""
        super().__init__(required=False, **kwargs)

    def clean(self, value: list[str] | None) -> list[str]:
        """Take them as they came."""
        return list(value or [])


class RefusableForm(forms.Form):
    """A form that shows refusals beside their fields and puts the cursor into the first wrong one."""

    # Where a refusal's field is drawn by another name.
    drawn_as: ClassVar[dict[str, str]] = {}

    def add_refusals(self, refused: Refused) -> None:
        """Show every reason."""
        for refusal in refused.refusals:
            name = self.drawn_as.get(refusal.field, refusal.field)
            self.add_error(name if name in self.fields else None, sentence(refusal))

    def add_error(self, field: Any, error: Any) -> None:
        """Add the error, and let the first wrong field have the cursor when the page opens."""
        super().add_error(field, error)
        errors: ErrorDict | dict[str, Any] = self.errors
        wrong = [name for name in self.fields if name in errors]
        for name, drawn in self.fields.items():
            if wrong and name == wrong[0]:
                drawn.widget.attrs["autofocus"] = True
            else:
                drawn.widget.attrs.pop("autofocus", None)


class SettingsForm(RefusableForm):
    """What one account sets itself; an empty value is inherited from the account above."""

    audience = PlainText(label=_("Who may create tokens"))
    student_cap_days = PlainText(
        label=_("Longest life of a student's token"),
        widget=forms.NumberInput(attrs={"class": "input", "min": 1, "max": LONGEST_STUDENT_CAP}),
    )
    teaching_cap_days = PlainText(
        label=_("Longest life for instructors, TAs and designers"),
        widget=forms.NumberInput(attrs={"class": "input", "min": 1, "max": LONGEST_CAP}),
    )
    admin_cap_days = PlainText(
        label=_("Longest life for administrators"),
        widget=forms.NumberInput(attrs={"class": "input", "min": 1, "max": LONGEST_CAP}),
    )
    observers_count_as_students = PlainText(label=_("Observers"))
    scopes_required = PlainText(label=_("Must every token name its scopes?"))
    # Two choices: what the account above says, or only these. "Any" below a limit is no value a policy can hold.
    student_scopes_set = PlainText()
    student_scopes = Texts(label=_("Scopes for students"))
    # No setting: whether the tokens end of those who lose the right to create.
    revoke_lost = PlainText()

    def values(self) -> dict[str, object]:
        """The settings as `policies.settings.change` takes them; what is no setting it refuses."""
        chosen = self.cleaned_data["student_scopes"]
        cleaned = {name: text.strip() for name, text in self.cleaned_data.items() if name != "student_scopes"}
        return {
            "audience": cleaned["audience"] or None,
            "student_cap_days": _number(cleaned["student_cap_days"]),
            "teaching_cap_days": _number(cleaned["teaching_cap_days"]),
            "admin_cap_days": _number(cleaned["admin_cap_days"]),
            "observers_count_as_students": _flag(cleaned["observers_count_as_students"]),
            "scopes_required": _flag(cleaned["scopes_required"]),
            "student_scopes": sorted(set(chosen)) if cleaned["student_scopes_set"] else None,
        }


def _flag(text: str) -> object:
    """Yes, no, None for nothing, or the text itself, for the door to refuse."""
    return {"": None, "yes": True, "no": False}.get(text, text)


def _number(text: str) -> object:
    """A number of days, None for nothing, or the text itself, for the door to refuse."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return text or None


AUDIENCES = {
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
