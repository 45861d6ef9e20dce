"""The one answer that holds a secret: rendered to the POST that made it, kept nowhere, and never given again."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.pages import SignedIn
from tokens.lifecycle import Issued
from tokens.models import AccessToken
from tokens.views.first_call import FirstCall
from tokens.views.reach import nav_of

FIRST_CALL = "/api/v1/users/self"


def show_once(request: SignedIn, made: Issued | AccessToken, *, now: datetime) -> HttpResponse:
    """Show the secret of a token that was made just now; for a form sent again, go to the token instead."""
    if isinstance(made, AccessToken):
        messages.info(
            request,
            _("This token was made already, and its secret was shown then. Regenerate it if you did not copy it."),
        )
        return redirect("tokens:show", made.pk)
    context = {
        "now": now,
        "token": made.token,
        "secret": made.secret,
        "url": request.build_absolute_uri(FIRST_CALL),
        "call": FirstCall(made.token, now),
        "nav": nav_of(made.token.user, request),
        "is_own": made.token.user_id == request.user.pk,
    }
    return render(request, "tokens/secret.html", context)
