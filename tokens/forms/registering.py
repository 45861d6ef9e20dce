"""What a page asks about a service that may ask about tokens, and about a scope of the school's."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from policies.forms import PlainText, RefusableForm, Texts
from policies.refusals import Refused
from tokens.scopes import require_known
from tokens.texts import MAX_LENGTH


def _line(**attrs: object) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", "maxlength": MAX_LENGTH, "autocomplete": "off", **attrs})


class VerifierForm(RefusableForm):
    """A new service: its name, who answers for it, and of which scopes it is told."""

    name = PlainText(
        asked=True,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("What people here call the service, such as “Timetable API”."),
        widget=_line(autofocus=True, **{"aria-required": "true"}),
    )
    responsible = PlainText(
        asked=True,
        label=gettext_lazy("Responsible person"),
        help_text=gettext_lazy("The sign-in name of who is asked when something is wrong with it."),
        widget=_line(autocapitalize="none", spellcheck="false", **{"aria-required": "true"}),
    )
    scopes = Texts()

    def __init__(self, *args: Any, offered: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer these scopes."""
        super().__init__(*args, **kwargs)
        self.offered = offered

    def clean_responsible(self) -> User:
        """Find the person by their sign-in name."""
        login_id = self.cleaned_data["responsible"].strip()
        found = User.objects.filter(login_id__iexact=login_id).first() if "\0" not in login_id else None
        if found is None:
            raise forms.ValidationError(_("Nobody signs in as “%s”.") % login_id)
        return found

    def clean(self) -> dict[str, Any]:
        """Check that the scopes are ones that somebody can hold."""
        values = super().clean() or self.cleaned_data
        try:
            require_known(values.get("scopes", []))
        except Refused as refused:
            self.add_refusals(refused)
        return values


class ScopeForm(RefusableForm):
    """A new scope of the school's."""

    name = PlainText(
        asked=True,
        label=gettext_lazy("Scope"),
        help_text=gettext_lazy("As thing:act, such as grades:read. It never changes; programs compare it."),
        widget=_line(
            autofocus=True, placeholder="grades:read", autocapitalize="none", spellcheck="false", maxlength=100
        ),
    )
    words = PlainText(
        asked=True,
        label=gettext_lazy("What it allows"),
        help_text=gettext_lazy("In words that people understand who tick it for a token, such as “Read grades”."),
        widget=_line(),
    )
