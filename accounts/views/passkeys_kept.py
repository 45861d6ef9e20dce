"""Adding a passkey and giving it another name; what all factors have in common is in `security`."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from accounts.factors.keeping import held_by
from accounts.factors.passkeys import challenges, holding, party
from accounts.factors.passkeys.challenges import Purpose
from accounts.models import User
from accounts.pages import SignedIn, sent, to_do, to_fill_in
from accounts.readable import first_hidden
from accounts.views import passkeys
from accounts.views.recent import asks_again
from accounts.views.security import codes_page


class NameForm(forms.Form):
    """What somebody calls a passkey."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=holding.LONGEST_NAME,
        help_text=gettext_lazy("Where it is kept, such as “Laptop” or “Blue key”."),
        error_messages={"required": gettext_lazy("Give it a name.")},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "autofocus": True}),
    )

    def clean_name(self) -> str:
        """Refuse what would not be seen on the page."""
        name: str = self.cleaned_data["name"]
        if first_hidden(name) is not None:
            raise ValidationError(_("There is a character in it that nobody would see. Type the name anew."))
        return name


class NewForm(NameForm):
    """The same for one that the browser has made just now."""

    credential = passkeys.CredentialField()

    def clean(self) -> dict[str, Any]:
        """Say to whom no script runs for what it takes one."""
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and not said.get("credential"):
            raise ValidationError(_("Your browser has made no passkey. It takes JavaScript to do so."))
        return said


@to_do
def challenge(request: SignedIn) -> HttpResponse:
    """Say what a browser is to make."""
    if not party.is_possible():
        raise Http404
    return passkeys.options(holding.ask_for_new(request.session, request.user, now=timezone.now()))


@to_fill_in
@asks_again()
@sensitive_post_parameters("credential")
def add(request: SignedIn) -> HttpResponse:
    """Ask for a name, have the browser make a passkey, and keep it."""
    if not party.is_possible():
        raise Http404
    form = NewForm(sent(request))
    is_full = len(held_by(request.user).passkeys) >= holding.MOST
    if form.is_valid() and not is_full:
        made = _made(request, request.user, form)
        if made is not None:
            messages.success(request, _("Your passkey was added, and every other browser signed out."))
            return codes_page(request, made)
        form.add_error(None, _("That passkey could not be added. Try again."))
    context = {"form": form, "is_full": is_full, "most": holding.MOST}
    return render(request, "accounts/security_passkey.html", context)


def _made(request: SignedIn, person: User, form: NewForm) -> list[str] | None:
    """The new codes on paper; None where the passkey was refused."""
    now = timezone.now()
    state = challenges.take(request.session, Purpose.ADD, person_id=person.pk, now=now)
    if state is None:
        return None
    name, text = form.cleaned_data["name"], form.cleaned_data["credential"]
    return holding.add(person, name, text, state, here=request.session.session_key, now=now)


@to_fill_in
@asks_again()
def rename(request: SignedIn, factor_id: int) -> HttpResponse:
    """Give a passkey another name."""
    names = {each.pk: each.data["name"] for each in held_by(request.user).passkeys}
    if factor_id not in names:
        raise Http404
    form = NameForm(sent(request), initial={"name": names[factor_id]})
    if form.is_valid():
        holding.rename(request.user, factor_id, form.cleaned_data["name"], now=timezone.now())
        messages.success(request, _("Renamed."))
        return redirect("security")
    return render(request, "accounts/security_rename.html", {"form": form})
