"""Signing somebody out of every browser, for administrators."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext

from accounts import browsers
from accounts import leaving as switching
from accounts.pages import SignedIn, sent, to_fill_in
from accounts.views.recent import asks_again
from policies.refusals import Refused
from tokens.forms import ReasonForm
from tokens.texts import clean_reason
from tokens.views.leaving import person_to_switch


@to_fill_in
@asks_again("POST")
def end(request: SignedIn, user_id: int) -> HttpResponse:
    """Show in which browsers a person is signed in, ask why, and sign them out of all."""
    now = timezone.now()
    person, _known = person_to_switch(request, user_id, now)
    form = ReasonForm(sent(request), is_own=True)
    if form.is_valid():
        try:
            count = switching.sign_out(
                person, actor=request.user, now=now, reason=clean_reason(form.cleaned_data["reason"])
            )
        except Refused as refused:
            form.add_refusals(refused)
        else:
            words = ngettext("Signed out of %(count)d browser.", "Signed out of %(count)d browsers.", count)
            messages.success(request, words % {"count": count})
            return redirect("tokens:person", person.pk)
    found = browsers.signed_in(person=person, now=now)
    context = {"now": now, "owner": person, "form": form, "browsers": found}
    return render(request, "tokens/person_sessions.html", context)
