"""What the page for finders asks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.forms import PlainText, RefusableForm


class ReportForm(RefusableForm):
    """A token that somebody found, and where. The form is never drawn with what was sent: a secret stands in it."""

    token = PlainText(
        asked=True,
        label=_("The token"),
        help_text=_("All of it, from the first to the last character."),
        widget=forms.TextInput(
            attrs={
                "class": "input mono",
                "maxlength": 500,
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "dir": "ltr",
                "aria-required": "true",
            }
        ),
    )
    url = PlainText(
        label=_("Where you found it"),
        help_text=_("An address or a few words; its owner is told. You may leave it empty."),
        widget=forms.TextInput(attrs={"class": "input", "maxlength": 500, "autocomplete": "off", "dir": "auto"}),
    )
