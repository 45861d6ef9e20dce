"""What a page asks of a text in which a token may stand."""

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.forms import PlainText, RefusableForm
from tokens.lookup import MOST_TEXT


class LookupForm(RefusableForm):
    """A pasted text. The form is never drawn with what was sent: a secret may stand in it."""

    text = PlainText(
        asked=True,
        label=_("Text"),
        help_text=_("Several tokens may stand in it; up to 25 of them are listed."),
        widget=forms.Textarea(
            attrs={
                "class": "input mono",
                "rows": 4,
                "maxlength": MOST_TEXT,
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
                "dir": "ltr",
                "aria-required": "true",
            }
        ),
    )
