"""Signing in and out."""

from datetime import timedelta
from typing import Any

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.factors.passkeys import party
from accounts.models import User
from accounts.pages import sent
from accounts.passwords import may_use_password
from accounts.views.entering import PASSWORD, let_in
from accounts.views.targets import target_of


class SignInForm(AuthenticationForm):
    """Name and password. One sentence for every failure: which of the two is wrong helps only who guesses."""

    error_messages = {
        "invalid_login": _("This name and password do not belong together. Both may be case-sensitive."),
        "inactive": _("This name and password do not belong together. Both may be case-sensitive."),
    }

    def confirm_login_allowed(self, user: User) -> None:
        """Refuse whose password is right, but who is to sign in by what the school has for that."""
        super().confirm_login_allowed(user)
        if not may_use_password(user, now=timezone.now()):
            raise self.get_invalid_login_error()

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Draw the fields as ours."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["username"].widget.attrs.update({"class": "input", "autocomplete": "username webauthn"})
        self.fields["password"].widget.attrs.update({"class": "input", "autocomplete": "current-password"})


@sensitive_post_parameters("password")
@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password, then go where the person wanted to go."""
    target = target_of(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    form = SignInForm(request, data=sent(request)) if _takes_passwords(request) else None
    if form is not None and form.is_valid():
        return let_in(request, form.get_user(), way=PASSWORD, target=target)
    return _page(request, form)


def door(request: HttpRequest, *, said: str) -> HttpResponse:
    """The page again for whoever has not come in by another way; `said` is why not."""
    return _page(request, SignInForm(request), said)


def _page(request: HttpRequest, form: SignInForm | None, said: str = "") -> HttpResponse:
    context = {
        "schools": _schools(),
        "next": request.POST.get("next", request.GET.get("next", "")),
        "form": form,
        "said": said,
        "password_for_few": not settings.PASSWORD_SIGN_IN,
        "takes_passkeys": party.is_possible(),
    }
    return render(request, "accounts/sign_in.html", context)


def _schools() -> dict[str, str]:
    """What the school has for signing in, by its name, and where that begins."""
    oidc = {str(settings.OIDC_NAME): reverse("oidc_login")} if settings.OIDC_ISSUER else {}
    saml = {str(settings.SAML_NAME): reverse("saml_login")} if settings.SAML_METADATA else {}
    return {**oidc, **saml}


def _takes_passwords(request: HttpRequest) -> bool:
    """Whether the form is shown; where hardly anybody has a password, to who asks for it."""
    return settings.PASSWORD_SIGN_IN or request.method == "POST" or "password" in request.GET


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The name whose attempts django-axes counts; our names differ in more than case, so must these."""
    return str((credentials or request.POST).get("username") or "").casefold()


def too_many_attempts(
    request: HttpRequest, _response: HttpResponse | None = None, _credentials: object = None
) -> HttpResponse:
    """Answer for django-axes, which calls this with two or three arguments, once too many passwords were wrong."""
    wait = get_cool_off(request) or timedelta()
    context = {"again_at": timezone.now() + wait, "minutes": max(1, round(wait.total_seconds() / 60))}
    response = render(request, "errors/429.html", context, status=429)
    response["Retry-After"] = str(int(wait.total_seconds()))
    response["Cache-Control"] = "no-store"
    return response
