"""The second step of signing in: a code of one's app, or one of those on paper."""

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.stages import AuthenticateStage
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.factors.codes import TooManyWrong
from accounts.factors.keeping import held_by, take_code
from accounts.models import User
from accounts.pages import sent


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


def wrong_code() -> ValidationError:
    """One sentence for a code that is wrong, too old or used already: which of these helps only who guesses."""
    return ValidationError(_("That code is not right, or was used already. Type the next one that your app shows."))


def too_many(error: TooManyWrong) -> ValidationError:
    """Say until when no code is looked at."""
    until = date_format(localtime(error.again_at), "H:i")
    return ValidationError(_("Too many codes were wrong. Try again after %(time)s.") % {"time": until})


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="login")  # type: ignore[untyped-decorator]  # allauth
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask whoever has typed their password for a code, then let them in."""
    stage = request._login_stage  # type: ignore[attr-defined]  # noqa: SLF001  # where allauth's decorator puts it
    person: User = stage.login.user
    form = CodeForm(sent(request))
    if not person.is_active or (form.is_valid() and _is_right(request, person, form)):
        answer: HttpResponse = stage.exit() if person.is_active else stage.abort()
        return answer
    return render(request, "accounts/second_step.html", {"form": form, "held": held_by(person)})


def _is_right(request: HttpRequest, person: User, form: CodeForm) -> bool:
    try:
        factor = take_code(person, form.cleaned_data["code"], now=timezone.now())
    except TooManyWrong as error:
        form.add_error("code", too_many(error))
        return False
    if factor is None:
        form.add_error("code", wrong_code())
        return False
    record_authentication(request, person, "mfa", id=factor.pk, type=factor.type)
    return True
