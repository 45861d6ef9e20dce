"""What a page asks before something is done to many tokens."""

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.expiry import end_of_day, parse_day
from policies.forms import PlainText
from policies.reading import as_number
from policies.refusals import Code, refuse
from tokens.forms.asking import ReasonForm
from tokens.models import BulkKind
from tokens.once import new_key
from tokens.reasons import NO_REASON, Reason
from tokens.texts import MAX_MESSAGE, MAX_SUBJECT


class BulkForm(ReasonForm):
    """What is asked before something is done to many tokens: why, how many, and until when they shall live."""

    until = PlainText(
        asked=True,
        label=_("New end"),
        help_text=_("Tokens that end before that day are left as they are."),
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}),
    )
    number = PlainText(
        asked=True,
        label=_("Number of tokens"),
        help_text=_("So many at once are typed, not clicked."),
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "numeric", "autocomplete": "off"}),
    )
    subject = PlainText(
        asked=True,
        label=_("Subject"),
        widget=forms.TextInput(
            attrs={"class": "input", "maxlength": MAX_SUBJECT, "dir": "auto", "autocomplete": "off"}
        ),
    )
    words = PlainText(
        asked=True,
        label=_("Text"),
        help_text=_("Below it stand the owner's tokens that this is about, and the way to their page."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 6, "maxlength": MAX_MESSAGE, "dir": "auto"}),
    )
    key = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
    drawn_as: ClassVar[dict[str, str]] = {"expires_at": "until"}

    def __init__(self, *args: Any, zone: ZoneInfo, number: int, kind: BulkKind, **kwargs: Any) -> None:
        """`number` has to be typed where it is not 0; `zone` is where the day of the new end lies."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", new_key())
        self.zone, self.wanted_number = zone, number
        if not number:
            del self.fields["number"]
        if kind != BulkKind.SHORTEN:
            del self.fields["until"]
        if kind == BulkKind.MAIL:
            del self.fields["reason"], self.fields["reason_code"], self.fields["is_confidential"]
        else:
            del self.fields["subject"], self.fields["words"]

    @property
    def form_key(self) -> str:
        """What names this form."""
        return self.cleaned_data["key"] or new_key()

    @property
    def said(self) -> Reason:
        """The reason that was filled in; what is written to owners needs none. Raises Refused."""
        return super().said if "reason" in self.fields else NO_REASON

    @property
    def ends_at(self) -> datetime | None:
        """The last moment of the chosen day. Raises Refused."""
        text = self.cleaned_data.get("until", "").strip()
        return end_of_day(parse_day(text), self.zone) if text else None

    def require_number(self) -> None:
        """Check that the number of tokens was typed as it is. Raises Refused."""
        if self.wanted_number and as_number(self.cleaned_data["number"].strip()) != self.wanted_number:
            raise refuse(Code.NUMBER_NOT_TYPED, "number", number=self.wanted_number)
