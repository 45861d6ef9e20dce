"""The page on which people see how their sign-in is protected, and set up a second step or take it away."""

from io import BytesIO

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from qrcode import QRCode
from qrcode.image.svg import SvgPathImage

from accounts.factors import demanding, keeping
from accounts.factors.adapter import SEAL
from accounts.factors.passkeys import party
from accounts.pages import SignedIn, sent, to_fill_in, to_read
from accounts.sealing import Unreadable
from accounts.views.codes import taken
from accounts.views.recent import asks_again
from accounts.views.second_step import CodeForm

# The secret that a page has offered and no code has confirmed yet; locked, as sessions rest in the database.
_OFFERED = "offered_app_secret"


@to_read
def security(request: SignedIn) -> HttpResponse:
    """Show what is set up."""
    is_required = demanding.waits(request.session, request.user)
    context = {"held": keeping.held_by(request.user), "now": timezone.now(), "is_required": is_required}
    return render(request, "accounts/security.html", {**context, "takes_passkeys": party.is_possible()})


@to_fill_in
@asks_again()
@sensitive_post_parameters("code")
def add_app(request: SignedIn) -> HttpResponse:
    """Show the secret for an app, and take a code of it as proof that the app has it."""
    if keeping.held_by(request.user).app:
        return redirect("security")
    secret = _offered(request)
    form = CodeForm(sent(request))
    form.fields["code"].help_text = _("The six digits that the app shows now.")
    if form.is_valid():
        code, now, here = form.cleaned_data["code"], timezone.now(), request.session.session_key
        made = taken(form, "code", lambda: keeping.add_app(request.user, secret, code, here=here, now=now))
        if made is not None:
            del request.session[_OFFERED]
            messages.success(request, _("From now on, signing in asks for a code of your app."))
            return codes_page(request, made)
    context = {"form": form, "secret": secret, "qr": _qr(get_adapter().build_totp_url(request.user, secret))}
    return render(request, "accounts/security_app.html", context)


def _offered(request: SignedIn) -> str:
    """The same secret until it is confirmed: whoever loads the page anew has scanned the first."""
    try:
        return SEAL.unlock(request.session[_OFFERED])
    except (KeyError, Unreadable):
        secret: str = generate_totp_secret()
        request.session[_OFFERED] = SEAL.lock(secret)
        return secret


def _qr(url: str) -> SafeString:
    """The QR code as an inline SVG: no style, no script, no address that could be kept."""
    code = QRCode(border=2)
    code.add_data(url)
    drawn = BytesIO()
    code.make_image(image_factory=SvgPathImage).save(drawn)
    return mark_safe(drawn.getvalue().decode().partition("?>")[2])  # noqa: S308  # drawn from modules alone


@to_fill_in
@asks_again()
def renew_codes(request: SignedIn) -> HttpResponse:
    """Make new codes on paper; those from before are good no more."""
    held = keeping.held_by(request.user)
    if not held.is_on:
        return redirect("security")
    if request.method == "POST":
        here = request.session.session_key
        return codes_page(request, keeping.renew_codes(request.user, here=here, now=timezone.now()))
    return render(request, "accounts/security_codes.html", {"held": held})


def codes_page(request: SignedIn, codes: list[str]) -> HttpResponse:
    """Show new codes, this once; where there are none, what is set up."""
    if not codes:
        return redirect("security")
    half = len(codes[0]) // 2
    spaced = [f"{code[:half]} {code[half:]}" for code in codes]
    return render(request, "accounts/security_codes_made.html", {"codes": spaced})


@to_fill_in
@asks_again()
def remove(request: SignedIn, factor_id: int) -> HttpResponse:
    """Take an app or a passkey away."""
    held = keeping.held_by(request.user)
    factors = {factor.pk: factor for factor in (held.app, *held.passkeys) if factor}
    if factor_id not in factors:
        raise Http404
    if request.method == "POST":
        keeping.remove(request.user, factor_id, here=request.session.session_key, now=timezone.now())
        demanding.begin(request.session, request.user, now=timezone.now())
        messages.success(request, _("Removed."))
        return redirect("security")
    context = {"factor": factors[factor_id], "is_last": len(factors) == 1}
    return render(request, "accounts/security_remove.html", context)
