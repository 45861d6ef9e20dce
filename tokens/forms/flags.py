"""What people say of unusual use: its owner what it was, an administrator why it is none."""

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.forms import PlainText, RefusableForm
from tokens.texts import MAX_LENGTH

_REQUIRED = {
    "class": "input",
    "maxlength": MAX_LENGTH,
    "autocomplete": "off",
    "autofocus": True,
    "aria-required": "true",
}


class ExplanationForm(RefusableForm):
    """What it was, in the owner's words."""

    words = PlainText(
        asked=True,
        label=_("What was it?"),
        help_text=_("For your administrators, such as: this was my script, it ran on two servers."),
        widget=forms.TextInput(attrs=_REQUIRED),
    )


class DismissalForm(RefusableForm):
    """Why it is no misuse."""

    reason = PlainText(
        asked=True,
        label=_("Reason"),
        help_text=_("For the audit log. It is not raised again for 30 days, unless it doubles."),
        widget=forms.TextInput(attrs=_REQUIRED),
    )


class ConfirmationForm(RefusableForm):
    """What is known of the misuse."""

    reason = PlainText(
        label=_("Reason"),
        help_text=_("For the audit log. You may leave it empty."),
        widget=forms.TextInput(attrs={name: value for name, value in _REQUIRED.items() if name != "aria-required"}),
    )
