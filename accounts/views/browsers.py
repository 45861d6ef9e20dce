"""Where one is signed in, and signing out of there."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import browsers
from accounts.pages import SignedIn, to_fill_in
from accounts.views.recent import asks_again


@to_fill_in
@asks_again("POST")
def mine(request: SignedIn) -> HttpResponse:
    """Show the browsers in which the visitor is signed in; sign out of one of them, or of all but this one."""
    now = timezone.now()
    found = list(browsers.signed_in(person=request.user, now=now))
    if request.method == "POST":
        chosen = request.POST.get("browser", "")
        here = request.session.session_key
        ended = [each for each in found if each.session_key != here and chosen in ("others", str(each.pk))]
        if browsers.end(ended, actor=request.user, now=now):
            messages.success(request, _("You are signed out there."))
        return redirect("browsers")
    return render(request, "accounts/browsers.html", {"browsers": found, "current": request.session.session_key})
