"""What is asked of a webhook."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from policies.forms import PlainText, RefusableForm, Texts
from tokens.models import TOLD, Webhook
from tokens.texts import MAX_LENGTH


class WebhookForm(RefusableForm):
    """Where it goes, what for, and what of. The account is asked where there are several, and never changes."""

    account = forms.ModelChoiceField(
        queryset=Account.objects.none(),
        empty_label=None,
        label=_("Account"),
        help_text=_("It is told of people in this account and all below."),
        widget=forms.Select(attrs={"class": "select"}),
    )
    url = PlainText(
        asked=True,
        label=_("Address"),
        help_text=_("Begins with https://. Each event is sent there by a POST."),
        widget=forms.URLInput(
            attrs={
                "class": "input",
                "maxlength": Webhook.URL_LENGTH,
                "dir": "ltr",
                "autocomplete": "off",
                "autofocus": True,
                "aria-required": "true",
            }
        ),
    )
    description = PlainText(
        label=_("What it is for"),
        widget=forms.TextInput(attrs={"class": "input", "maxlength": MAX_LENGTH, "dir": "auto", "autocomplete": "off"}),
    )
    events = Texts()

    def __init__(self, *args: Any, accounts: Iterable[Account] | None = None, **kwargs: Any) -> None:
        """Offer these accounts; without any, the account is settled."""
        super().__init__(*args, **kwargs)
        if accounts is None:
            del self.fields["account"]
        else:
            self.fields["account"].queryset = accounts  # type: ignore[attr-defined]  # a choice of models

    @property
    def offered(self) -> list[tuple[str, str | Promise]]:
        """The events to choose from."""
        return list(TOLD.items())
