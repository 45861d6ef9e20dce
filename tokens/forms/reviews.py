"""What is asked where a review is opened."""

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.forms import PlainText, RefusableForm
from policies.reading import as_number


class ReviewForm(RefusableForm):
    """The name of a review, and for how many days owners may answer."""

    name = PlainText(
        asked=True,
        label=_("Name"),
        help_text=_("Owners read it, for example “Autumn term 2026”."),
        widget=forms.TextInput(attrs={"class": "input", "maxlength": 100, "dir": "auto", "autocomplete": "off"}),
    )
    days = PlainText(
        asked=True,
        label=_("Days to answer"),
        help_text=_("From 7 to 90."),
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "numeric", "autocomplete": "off"}),
    )

    @property
    def number_of_days(self) -> int:
        """How many days were asked for; 0 for what is no number, which the door refuses."""
        number = as_number(self.cleaned_data["days"].strip())
        return number if isinstance(number, int) else 0
