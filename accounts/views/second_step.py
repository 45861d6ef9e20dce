"""The second step of signing in: a passkey, a code of one's app, or one of those on paper."""

from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.factors.keeping import Held, held_by, take_code
from accounts.factors.passkeys.challenges import Purpose
from accounts.models import User
from accounts.pages import sent
from accounts.views import passkeys
from accounts.views.codes import taken

at_the_second_step = login_stage_required(stage=AuthenticateStage.key, redirect_urlname="login")


class CodeForm(forms.Form):
    """One code, typed with or without spaces."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=32,
        help_text=gettext_lazy("The six digits that your app shows now, or one of your recovery codes."),
        error_messages={"required": gettext_lazy("Type the code.")},
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )


class SecondStepForm(CodeForm):
    """A code, or what a browser says of a passkey."""

    credential = passkeys.CredentialField()

    def __init__(self, request: HttpRequest, person: User, held: Held) -> None:
        """Ask for what this person has."""
        super().__init__(sent(request))
        self._request, self._person = request, person
        self.factor: Authenticator | None = None
        self.fields["code"].required = not self.data.get("credential")
        if not held.app:
            self.fields["code"].help_text = gettext_lazy("One of your recovery codes.")

    def clean(self) -> dict[str, Any]:
        """Take one of them, which is used up by it."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("credential"):
            self.factor = passkeys.show(self._request, said["credential"], Purpose.SECOND_STEP, self._person)
            if self.factor is None:
                raise ValidationError(passkeys.refusal())
        elif said.get("code"):
            self.factor = taken(self, "code", lambda: take_code(self._person, said["code"], now=timezone.now()))
        return said


@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "HEAD", "POST"])
@at_the_second_step  # type: ignore[untyped-decorator]  # allauth has no types of its own
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask whoever has typed their password for their second factor, then let them in."""
    stage = request._login_stage  # type: ignore[attr-defined]  # noqa: SLF001  # where allauth's decorator puts it
    person: User = stage.login.user
    if not person.is_active:
        turned: HttpResponse = stage.abort()
        return turned
    held = held_by(person)
    form = SecondStepForm(request, person, held)
    if form.is_valid() and form.factor:
        record_authentication(request, person, "mfa", id=form.factor.pk, type=form.factor.type)
        answer: HttpResponse = stage.exit()
        return answer
    return render(request, "accounts/second_step.html", {"form": form, "held": held})


@require_POST
@at_the_second_step  # type: ignore[untyped-decorator]  # as above
def challenge(request: HttpRequest) -> HttpResponse:
    """Say what a browser is to ask of its passkeys."""
    person: User = request._login_stage.login.user  # type: ignore[attr-defined]  # noqa: SLF001  # as above
    return passkeys.asked(request, Purpose.SECOND_STEP, person)
