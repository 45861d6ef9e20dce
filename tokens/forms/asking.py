"""What a page asks about a token: its purpose, its end, a reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from policies.expiry import last_moment_of, parse_day
from policies.forms import PlainText, RefusableForm, Texts
from policies.overlap import overlap_of
from policies.refusals import Gathered, Refused
from tokens.forms.ends import Ends
from tokens.lifecycle import UNCHANGED, Change, Unchanged
from tokens.once import new_key
from tokens.reasons import Reason, ReasonCode
from tokens.texts import MAX_LENGTH, clean_purpose


def _purpose_field() -> PlainText:
    return PlainText(
        asked=True,
        label=_("Purpose"),
        help_text=_(
            "One token, one purpose. Say what will use it, so that you and your administrators can recognise it later."
        ),
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "maxlength": MAX_LENGTH,
                "placeholder": _("e.g. CS 340 grade dashboard"),
                "autocomplete": "off",
                "aria-required": "true",
            }
        ),
    )


def _works_on(hours: int) -> str:
    words = ngettext("Works %(n)d more hour", "Works %(n)d more hours", hours) if hours else str(_("Stops at once"))
    return words % {"n": hours}


class EndForm(RefusableForm):
    """A form with the choice of an end; `expires_at` among its cleaned values is what was chosen."""

    drawn_as: ClassVar[dict[str, str]] = {"expires_at": "days"}
    days = PlainText()
    until = PlainText()

    def __init__(self, *args: Any, ends: Ends, **kwargs: Any) -> None:
        """Offer these ends."""
        super().__init__(*args, **kwargs)
        self.ends = ends

    def clean(self) -> dict[str, Any]:
        """Read the end; with one that cannot be read the door is not asked, so a wrong purpose is told here too."""
        values = super().clean() or self.cleaned_data
        try:
            values["expires_at"] = self.ends.read(values.get("days", ""), values.get("until", ""))
        except Refused as refused:
            self.add_refusals(Refused(*self._refused_purpose(), *refused.refusals))
        return values

    def _refused_purpose(self) -> list[Any]:
        gathered = Gathered()
        if "purpose" in self.fields:
            with gathered:
                clean_purpose(self.cleaned_data.get("purpose"))
        return gathered.refusals


class ScopesForm(RefusableForm):
    """A form with the scopes of a token. `offered` are those to choose from, with their words."""

    scopes = Texts()

    def __init__(self, *args: Any, offered: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer these scopes."""
        super().__init__(*args, **kwargs)
        self.offered = offered

    @property
    def wanted_scopes(self) -> list[str] | Unchanged:
        """What was chosen, if that differs: a token keeps a scope that is not given out any more."""
        chosen: list[str] = self.cleaned_data["scopes"]
        return UNCHANGED if set(chosen) == set(self.initial.get("scopes", ())) else chosen


class OnceForm(forms.Form):
    """A form that is good for one token: sent again, it leads to the token that the first time made."""

    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give each form that is drawn for the first time a key of its own."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", new_key())


class NewTokenForm(OnceForm, EndForm, ScopesForm):
    """A new token."""

    purpose = _purpose_field()
    field_order = ["purpose", "days", "until", "scopes", "key"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start in the purpose."""
        super().__init__(*args, **kwargs)
        self.fields["purpose"].widget.attrs["autofocus"] = True


class RequestForm(EndForm, ScopesForm):
    """A token that somebody has to approve."""

    purpose = _purpose_field()
    why = PlainText(
        asked=True,
        label=_("Why you need it"),
        help_text=_("For whoever decides: what for, and why for so long."),
        widget=forms.TextInput(
            attrs={"class": "input", "maxlength": MAX_LENGTH, "autocomplete": "off", "aria-required": "true"}
        ),
    )
    field_order = ["purpose", "days", "until", "scopes", "why"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start in the purpose."""
        super().__init__(*args, **kwargs)
        self.fields["purpose"].widget.attrs["autofocus"] = True


class ApprovalForm(RefusableForm):
    """The end that an approved request shall have; the day that was asked for, if nothing is changed."""

    drawn_as: ClassVar[dict[str, str]] = {"expires_at": "until"}
    until = PlainText(label=_("Ends on"), widget=forms.DateInput(attrs={"class": "input", "type": "date"}))

    def __init__(self, *args: Any, zone: ZoneInfo, wanted: datetime | None, **kwargs: Any) -> None:
        """Take the end that was asked for, and the zone of who asked."""
        super().__init__(*args, **kwargs)
        self.zone, self.wanted = zone, wanted
        if wanted is not None:
            day = wanted.astimezone(zone).date().isoformat()
            self.initial["until"] = day
            self.fields["until"].widget.attrs["max"] = day

    def clean(self) -> dict[str, Any]:
        """Read the day; none means the end that was asked for."""
        values = super().clean() or self.cleaned_data
        day = values.get("until", "").strip()
        try:
            values["no_later_than"] = last_moment_of(parse_day(day), self.zone, self.wanted) if day else None
        except Refused as refused:
            self.add_refusals(refused)
        return values


class RefusalForm(RefusableForm):
    """Why not."""

    reason = PlainText(
        asked=True,
        label=_("Reason"),
        help_text=_("Whoever asked is told."),
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "maxlength": MAX_LENGTH,
                "autocomplete": "off",
                "autofocus": True,
                "aria-required": "true",
            }
        ),
    )


class RegenerateForm(OnceForm, EndForm, ScopesForm):
    """A new secret for a token. `overlaps` are the hours that the old one may work on; none: it stops at once."""

    overlap_hours = forms.TypedChoiceField(coerce=int, empty_value="0", required=False)

    def __init__(self, *args: Any, overlaps: Sequence[int], **kwargs: Any) -> None:
        """Offer these overlaps."""
        super().__init__(*args, **kwargs)
        self.fields["overlap_hours"].choices = [(hours, _works_on(hours)) for hours in overlaps]  # type: ignore[attr-defined]

    @property
    def overlap(self) -> timedelta:
        """How long the old secret shall work on."""
        return overlap_of(int(self.cleaned_data["overlap_hours"]))

    @property
    def change(self) -> Change:
        """The end it shall have then, and what it may do."""
        return Change(expires_at=self.cleaned_data["expires_at"], scopes=self.wanted_scopes)


class EditForm(EndForm, ScopesForm):
    """Purpose, end and scopes of a token that keeps its secret."""

    purpose = _purpose_field()
    field_order = ["purpose", "days", "until", "scopes"]

    @property
    def change(self) -> Change:
        """What differs."""
        purpose = self.cleaned_data["purpose"]
        is_same = purpose == self.initial.get("purpose")
        return Change(
            purpose=UNCHANGED if is_same else purpose,
            expires_at=self.cleaned_data["expires_at"],
            scopes=self.wanted_scopes,
        )


class ReasonForm(RefusableForm):
    """Why; who acts on what is their own says it in their own words alone."""

    reason_code = PlainText(
        label=_("Reason"),
        widget=forms.Select(choices=[("", _("Choose one, or leave it open")), *ReasonCode.choices]),
    )
    reason = PlainText(
        label=_("In your own words"),
        help_text=_("For the audit log, and for the owner. You may leave it empty."),
        widget=forms.TextInput(
            attrs={"class": "input", "maxlength": MAX_LENGTH, "autocomplete": "off", "list": "reasons"}
        ),
    )
    is_confidential = forms.BooleanField(
        required=False,
        label=_("Keep the reason from the owner"),
        help_text=_("They see who did it and when, and that there is a reason."),
    )

    def __init__(self, *args: Any, is_own: bool = False, **kwargs: Any) -> None:
        """`is_own` asks for words alone."""
        super().__init__(*args, **kwargs)
        self.fields["reason_code"].widget.attrs["class"] = "select"
        if is_own:
            self.fields["reason"].label = _("Reason")
            del self.fields["reason_code"], self.fields["is_confidential"]

    @property
    def said(self) -> Reason:
        """What was filled in. Raises Refused."""
        said = self.cleaned_data
        return Reason.given(said["reason"], said.get("reason_code"), is_confidential=said.get("is_confidential", False))
