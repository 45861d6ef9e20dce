"""Taking back a change of settings that waits."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.pages import SignedIn, sent, to_fill_in
from accounts.views.recent import asks_again
from policies import planning
from policies.forms import RefusableForm
from policies.models import PlannedChange
from policies.refusals import Refused
from policies.underway import Underway
from policies.views.settings import reached


@to_fill_in
@asks_again()
def undo(request: SignedIn, account_id: int, number: int) -> HttpResponse:
    """Say what would be taken back, and take it back."""
    now = timezone.now()
    account = reached(request, account_id, now)
    changes = PlannedChange.objects.select_related("account", "made_by")
    planned = get_object_or_404(changes, pk=number, account=account)
    form = RefusableForm(sent(request))
    if form.is_valid():
        try:
            planning.undo(planned.pk, actor=request.user, now=now)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("Undone. The settings stay as they are, and no token was touched."))
            return redirect("policies:settings", account.pk)
    change = Underway(planned)
    return render(request, "policies/undo.html", {"now": now, "account": account, "change": change, "form": form})
