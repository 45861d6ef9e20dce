"""What a page asks when a person leaves: what becomes of their tokens, who goes on with some, and why."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.labels import Text
from accounts.parameters import number_in
from policies.forms import PlainText, Texts
from tokens.forms.asking import ReasonForm
from tokens.lifecycle import Fate
from tokens.models import AccessToken

_FATES: dict[Fate, tuple[Text, Text]] = {
    Fate.END: (_("End them"), _("For good: nothing brings them back.")),
    Fate.SUSPEND: (
        _("Suspend them"),
        _("Each stays refused until an administrator resumes it, whoever comes back."),
    ),
}


class LeavingForm(ReasonForm):
    """The choice for all tokens, and those that go to a successor."""

    tokens = PlainText()
    hand_over = Texts()
    to = PlainText(
        label=_("Successor"),
        help_text=_("A sign-in name, a name or an e-mail address. Only needed where a box above is ticked."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "maxlength": 255}),
    )
    field_order = ("tokens", "hand_over", "to", "reason")

    def __init__(self, *args: Any, offered: Sequence[AccessToken], may_end: bool, **kwargs: Any) -> None:
        """Offer to hand these over; who may not end tokens only suspends them."""
        super().__init__(*args, is_own=True, **kwargs)  # the code is that the owner left
        self._offered = {str(token.pk) for token in offered}
        self.fates = [(fate.value, *words) for fate, words in _FATES.items() if may_end or fate is Fate.SUSPEND]
        self.initial.setdefault("tokens", self.fates[0][0])
        if not may_end:
            del self.fields["hand_over"], self.fields["to"]

    @property
    def fate(self) -> Fate:
        """What was chosen; anything odd stops the tokens and ends none."""
        return Fate.END if self.cleaned_data["tokens"] == Fate.END else Fate.SUSPEND

    @property
    def chosen(self) -> list[int]:
        """The tokens to hand over, of those that were offered."""
        ticked = self.cleaned_data.get("hand_over", [])
        return [number for text in ticked if text in self._offered and (number := number_in(text)) is not None]
