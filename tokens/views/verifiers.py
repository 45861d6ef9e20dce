"""The services that may ask about tokens: the list, a new one, and the end of one."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.pages import SignedIn, sent, to_fill_in, to_read
from accounts.views.recent import asks_again
from policies.refusals import Refused
from tokens import verifiers
from tokens.forms import VerifierForm
from tokens.models import Verifier
from tokens.scopes import catalogue, words_of
from tokens.verifiers import Registered
from tokens.views.reach import require_root_policy

INTROSPECT = "/oauth2/introspect"


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """Show every service, those that still may ask first."""
    now = timezone.now()
    require_root_policy(request, now=now)
    found = list(Verifier.objects.select_related("owner", "revoked_by").order_by("-revoked_at", "name", "pk"))
    words = words_of(scope for each in found for scope in each.allowed_scopes)
    return render(request, "tokens/verifiers.html", {"now": now, "verifiers": found, "words": words})


@to_fill_in
@asks_again()
def register(request: SignedIn) -> HttpResponse:
    """Register a service. Sent again, the form finds its name taken: no second secret comes of it."""
    now = timezone.now()
    require_root_policy(request, now=now)
    form = VerifierForm(sent(request), offered=catalogue(), initial={"responsible": request.user.login_id})
    if form.is_valid():
        try:
            return _show_once(request, _register(request, form, now), now=now)
        except Refused as refused:
            form.add_refusals(refused)
    return render(request, "tokens/verifier_new.html", {"now": now, "form": form})


def _register(request: SignedIn, form: VerifierForm, now: datetime) -> Registered:
    asked = form.cleaned_data
    return verifiers.register(
        asked["name"], owner=asked["responsible"], allowed_scopes=asked["scopes"], actor=request.user, now=now
    )


def _show_once(request: SignedIn, made: Registered, *, now: datetime) -> HttpResponse:
    """Show the secret in the answer to the form that made it, as a token's: kept nowhere, never given again."""
    context = {
        "now": now,
        "verifier": made.verifier,
        "secret": made.secret,
        "url": request.build_absolute_uri(INTROSPECT),
    }
    return render(request, "tokens/verifier_secret.html", context)


@to_fill_in
def revoke(request: SignedIn, verifier_id: int) -> HttpResponse:
    """End a service's credentials for good."""
    now = timezone.now()
    require_root_policy(request, now=now)
    verifier = get_object_or_404(Verifier.objects.select_related("owner"), pk=verifier_id)
    if sent(request) is not None:
        verifiers.revoke(verifier, actor=request.user, now=now)
        messages.success(request, _("Revoked “%s”. It is refused from its next question on.") % verifier.name)
        return redirect("tokens:verifiers")
    return render(request, "tokens/verifier_revoke.html", {"now": now, "verifier": verifier})
