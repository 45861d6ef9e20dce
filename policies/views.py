"""The settings page of an account."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import AuditEvent
from accounts.models import Account, OpenState
from accounts.pages import SignedIn, sent, to_fill_in, to_read, visitor
from accounts.roles import Permission
from accounts.tree import is_within
from policies import settings
from policies.catalogue import known_scopes
from policies.forms import AUDIENCES, SettingsForm
from policies.inheritance import Origin, origins
from policies.refusals import Refused

MOST_CHANGES = 8
MOST_ACCOUNTS = 200


@to_read
def entry(request: SignedIn) -> HttpResponse:
    """Go to the settings of the highest account that the visitor administers."""
    within = visitor(request, now=timezone.now()).standing.accounts_with(Permission.POLICY_EDIT)
    account = min(Account.objects.filter(pk__in=within), key=lambda found: len(found.path), default=None)
    if account is None:
        raise PermissionDenied
    return redirect("policies:settings", account.pk)


@to_fill_in
def account_settings(request: SignedIn, account_id: int) -> HttpResponse:
    """Show and change what one account sets itself."""
    now = timezone.now()
    within = visitor(request, now=now).standing.accounts_with(Permission.POLICY_EDIT)
    account = Account.objects.filter(pk=account_id).exclude(state=OpenState.DELETED).first()
    if account is None or not is_within(account.path, within):
        raise Http404
    known = origins(account)
    form = SettingsForm(sent(request), initial=_initial(account, known))
    if form.is_valid() and _save(request, account, form, known, now):
        return redirect("policies:settings", account.pk)
    context = {
        "now": now,
        "account": account,
        "form": form,
        "origins": known,
        "audiences": AUDIENCES,
        "scopes": _scopes(known["student_scopes"].own),
        "changes": _changes(account),
        "accounts": _accounts(within),
    }
    return render(request, "policies/settings.html", context)


def _save(request: SignedIn, account: Account, form: SettingsForm, known: dict[str, Origin], now: datetime) -> bool:
    """Change the settings, or show in the form why not."""
    values = form.values()
    if account.parent_id is None:  # it shows the portal's defaults; what nobody touched stays unset
        values = {n: None if known[n].own is None and known[n].value == v else v for n, v in values.items()}
    try:
        is_changed = settings.change(account, values, actor=request.user, now=now)
    except Refused as refused:
        form.add_refusals(refused)
        return False
    messages.success(request, _("Settings saved. They hold from now on.") if is_changed else _("Nothing had changed."))
    return True


def _initial(account: Account, known: dict[str, Origin]) -> dict[str, object]:
    """What the fields show; a root account inherits from nobody, so it shows what holds."""
    shown = {name: origin.value if account.parent_id is None else origin.own for name, origin in known.items()}
    limited = known["student_scopes"].own
    return {name: _shown(value) for name, value in shown.items()} | {
        "student_scopes_set": "" if limited is None else "yes",
        "student_scopes": limited or [],
    }


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _scopes(chosen: object) -> list[tuple[str, str]]:
    """The scopes to choose from, and those that were chosen before they were given out no more."""
    known = known_scopes()
    others = set(chosen if isinstance(chosen, list) else ()) - dict(known).keys()
    return [*known, *((name, name) for name in sorted(others))]


def _changes(account: Account) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.filter(action="policy.change", subject_id=account.pk).select_related("actor")
    return events.order_by("-pk")[:MOST_CHANGES]


def _accounts(within: frozenset[int]) -> QuerySet[Account]:
    """The accounts whose settings the visitor may change, each below its parent."""
    reachable = Account.objects.filter(path__overlap=list(within)).exclude(state=OpenState.DELETED)
    return reachable.order_by("path")[:MOST_ACCOUNTS]
