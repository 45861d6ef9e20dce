"""Changing one's password: with the present one, which a browser left open does not tell."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from accounts import browsers, passwords
from accounts.factors import codes
from accounts.locks import lock_people
from accounts.models import WrongCode
from accounts.pages import SignedIn, sent, to_fill_in
from accounts.views.codes import too_many


class PasswordForm(PasswordChangeForm):
    """The present password and the new one, twice. Wrong ones are counted with wrong codes: five, then a wait."""

    error_messages = {
        "password_incorrect": gettext_lazy("This is not your password."),
        "password_mismatch": gettext_lazy("The two new passwords are not the same."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Draw the fields as ours."""
        super().__init__(*args, **kwargs)
        labels = {
            "old_password": gettext_lazy("Present password"),
            "new_password1": gettext_lazy("New password"),
            "new_password2": gettext_lazy("New password again"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs["class"] = "input"
        self.fields["new_password1"].help_text = gettext_lazy("At least 8 characters. Long is better than odd.")

    def clean_old_password(self) -> str:
        """Compare with the present one, one try at a time."""
        now = timezone.now()
        with transaction.atomic():
            lock_people([self.user.pk])
            try:
                codes.hold_back(self.user, now=now)
                return super().clean_old_password()
            except codes.TooManyWrong as error:
                raise ValidationError(too_many(error)) from error
            except ValidationError:  # raised below, where it takes back no count
                WrongCode.objects.create(person=self.user, at=now)
        raise ValidationError(self.error_messages["password_incorrect"])


@to_fill_in
@sensitive_post_parameters()
def change(request: SignedIn) -> HttpResponse:
    """Change the password of who has one; every other browser of theirs is signed out by it."""
    now = timezone.now()
    if not (request.user.has_usable_password() and passwords.may_use_password(request.user, now=now)):
        raise Http404
    form = PasswordForm(request.user, sent(request))
    if form.is_valid():
        before = request.session.session_key
        passwords.change(request.user, form.cleaned_data["new_password1"], here=before, now=now)
        update_session_auth_hash(request, request.user)
        browsers.rename(before, request.session.session_key)
        messages.success(request, _("Your password is changed, and every other browser signed out."))
        return redirect("security")
    return render(request, "accounts/security_password.html", {"form": form})
