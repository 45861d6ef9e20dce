"""The views of all tokens that people keep: saved from the list, opened by their address, deleted."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.pages import SignedIn, asked_account, chosen_accounts, sent, to_do, to_fill_in, to_read
from accounts.roles import Permission
from policies.refusals import Refused
from tokens.forms import ViewForm
from tokens.inventory import saved
from tokens.inventory.asked import Asked
from tokens.inventory.ordering import Order
from tokens.models import SavedView


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """List the views that the visitor keeps or that are shared with them."""
    accounts = chosen_accounts(request, Permission.TOKENS_VIEW, now=timezone.now())
    return render(request, "tokens/views.html", {"views": saved.seen_by(request.user, accounts)})


@to_fill_in
def save(request: SignedIn) -> HttpResponse:
    """Keep the filters and the order that the address names."""
    now = timezone.now()
    accounts = chosen_accounts(request, Permission.TOKENS_VIEW, now=now)
    account = asked_account(request) or Account.objects.filter(pk__in=accounts).order_by("pk")[0]
    asked, form = Asked.by(request.GET), ViewForm(sent(request))
    about = {"account": request.GET["account"]} if request.GET.get("account") else {}
    parameters = {**about, **asked.parameters, **order_of(request)}
    if form.is_valid():
        try:
            said = form.cleaned_data
            view = saved.save(
                said["name"], parameters, account=account, is_shared=said["is_shared"], owner=request.user, now=now
            )
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("Saved. It stands among the views above the list."))
            return redirect(address_of(view))
    return render(request, "tokens/view_save.html", {"form": form, "chips": asked.chips, "account": account})


@to_read
def show(request: SignedIn, view_id: int) -> HttpResponse:
    """Open a view, by the address under which it is shared. Raises Http404, out of reach as for none."""
    accounts = chosen_accounts(request, Permission.TOKENS_VIEW, now=timezone.now())
    view = saved.seen_by(request.user, accounts).filter(pk=view_id).first()
    if view is None:
        raise Http404
    return redirect(address_of(view))


@to_do
def delete(request: SignedIn, view_id: int) -> HttpResponse:
    """Keep a view of one's own no longer."""
    if not saved.delete(view_id, request.user):
        raise Http404
    messages.success(request, _("Deleted."))
    return redirect("tokens:views")


def order_of(request: HttpRequest) -> dict[str, str]:
    """The order that an address names, if it is one."""
    sort = request.GET.get("sort", "")
    return {"sort": sort} if sort and Order.by(request.GET) != Order.by({}) else {}


def address_of(view: SavedView) -> str:
    """The list as a view shows it: of the account that was chosen, or of all that the visitor sees."""
    return f"{reverse('tokens:inventory')}?{urlencode(view.parameters)}"
