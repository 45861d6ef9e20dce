"""What a page asks before a program gets a token: the code that it shows, and then what token that shall be."""

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.forms import PlainText, RefusableForm
from tokens.forms.asking import NewTokenForm


class CodeForm(RefusableForm):
    """The code that a program shows."""

    user_code = PlainText(
        asked=True,
        label=_("Code"),
        help_text=_("Eight letters, as your terminal shows them. The hyphen and capitals do not matter."),
        widget=forms.TextInput(
            attrs={
                "class": "input mono",
                "maxlength": 64,
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
                "dir": "ltr",
                "aria-required": "true",
                "placeholder": "WDJB-MJHT",
            }
        ),
    )


class DeviceForm(NewTokenForm):
    """The token that a program gets, with its code."""

    user_code = PlainText(widget=forms.HiddenInput())
    field_order = ["purpose", "days", "until", "scopes", "key", "user_code"]
