"""The scopes that a school gives out: the list, a new one, and the end of one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.pages import SignedIn, sent, to_fill_in, to_read
from policies.refusals import Refused
from tokens import scopes
from tokens.forms import ScopeForm
from tokens.models import Scope
from tokens.views.reach import require_root_policy


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """Show the school's scopes, those given out first, and the portal's own."""
    now = timezone.now()
    require_root_policy(request, now=now)
    context = {"now": now, "scopes": Scope.objects.order_by("-retired_at", "name"), "own": scopes.WORDS}
    return render(request, "tokens/scopes.html", context)


@to_fill_in
def define(request: SignedIn) -> HttpResponse:
    """Define a scope."""
    now = timezone.now()
    require_root_policy(request, now=now)
    form = ScopeForm(sent(request))
    if form.is_valid():
        asked = form.cleaned_data
        try:
            scope = scopes.define(asked["name"], asked["words"], actor=request.user, now=now)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("People can now choose “%s” for their tokens.") % scope.words)
            return redirect("tokens:scopes")
    return render(request, "tokens/scope_new.html", {"now": now, "form": form})


@to_fill_in
def retire(request: SignedIn, scope_id: int) -> HttpResponse:
    """Give a scope out no more."""
    now = timezone.now()
    require_root_policy(request, now=now)
    scope = get_object_or_404(Scope, pk=scope_id)
    if sent(request) is not None:
        scopes.retire(scope, actor=request.user, now=now)
        messages.success(request, _("“%s” is not given out any more.") % scope.words)
        return redirect("tokens:scopes")
    return render(request, "tokens/scope_retire.html", {"now": now, "scope": scope})
