"""Taking the second step of signing in from somebody who has lost what it needs, for administrators."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.factors import keeping
from accounts.pages import SignedIn, sent, to_fill_in
from accounts.views.recent import asks_again
from policies.refusals import Refused
from tokens.forms import ReasonForm
from tokens.texts import clean_reason
from tokens.views.leaving import person_to_switch


@to_fill_in
@asks_again()
def reset(request: SignedIn, user_id: int) -> HttpResponse:
    """Ask why, and take all second factors of a person away; their password alone signs them in from then on."""
    now = timezone.now()
    person, _known = person_to_switch(request, user_id, now)
    held = keeping.held_by(person)
    if not held.is_on:
        return redirect("tokens:person", person.pk)
    form = ReasonForm(sent(request), is_own=True)
    if form.is_valid():
        try:
            keeping.reset(person, actor=request.user, now=now, reason=clean_reason(form.cleaned_data["reason"]))
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("%(name)s signs in without a second step now.") % {"name": person.name})
            return redirect("tokens:person", person.pk)
    return render(request, "tokens/person_factors.html", {"now": now, "owner": person, "form": form, "held": held})
