"""What is asked of a view of all tokens that somebody keeps."""

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.forms import PlainText, RefusableForm
from tokens.texts import MAX_VIEW_NAME


class ViewForm(RefusableForm):
    """Its name, and whether others see it."""

    name = PlainText(
        asked=True,
        label=_("Name"),
        help_text=_("For example “Students without use”."),
        widget=forms.TextInput(
            attrs={"class": "input", "maxlength": MAX_VIEW_NAME, "dir": "auto", "autocomplete": "off"}
        ),
    )
    is_shared = forms.BooleanField(required=False)
