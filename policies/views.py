"""The settings page of an account."""

from datetime import datetime

from django.conf import settings as portal
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import AuditEvent
from accounts.models import Account, OpenState
from accounts.pages import SignedIn, sent, to_fill_in, to_read, visitor
from accounts.roles import Permission
from accounts.tree import is_within
from policies import settings
from policies.catalogue import known_scopes
from policies.drawing import AUDIENCES, draw, folded
from policies.inheritance import origins
from policies.planning import Plan
from policies.preview import Preview, preview
from policies.refusals import Refused
from policies.settings import Change
from policies.settings_form import SettingsForm
from policies.telling import told

MOST_CHANGES = 8
MOST_ACCOUNTS = 200


@to_read
def entry(request: SignedIn) -> HttpResponse:
    """Go to the settings of the highest account that the visitor administers."""
    within = _within(request, timezone.now())
    account = min(Account.objects.filter(pk__in=within), key=lambda found: len(found.path), default=None)
    if account is None:
        raise PermissionDenied
    return redirect("policies:settings", account.pk)


@to_fill_in
def account_settings(request: SignedIn, account_id: int) -> HttpResponse:
    """Show and change what one account sets itself."""
    now = timezone.now()
    account = _reached(request, account_id, now)
    form = _form(request, account)
    if form.is_valid() and _save(request, account, form, now):
        return redirect("policies:settings", account.pk)
    return _page(request, account, form, now)


@to_fill_in
def preview_settings(request: SignedIn, account_id: int) -> HttpResponse:
    """Show the form as it was filled in, and what saving it would do; nothing is saved."""
    now = timezone.now()
    account = _reached(request, account_id, now)
    if sent(request) is None:
        return redirect("policies:settings", account.pk)
    return _page(request, account, _form(request, account), now)


def _form(request: SignedIn, account: Account) -> SettingsForm:
    return SettingsForm(sent(request), known=origins(account), is_root=account.parent_id is None)


def _reached(request: SignedIn, account_id: int, now: datetime) -> Account:
    """The account, if the visitor may change its settings. Raises Http404."""
    account = Account.objects.filter(pk=account_id).exclude(state=OpenState.DELETED).first()
    if account is None or not is_within(account.path, _within(request, now)):
        raise Http404
    return account


def _within(request: SignedIn, now: datetime) -> frozenset[int]:
    return visitor(request, now=now).standing.accounts_with(Permission.POLICY_EDIT)


def _page(request: SignedIn, account: Account, form: SettingsForm, now: datetime) -> HttpResponse:
    shown = _preview(request, account, form, now)  # may put refusals into the form
    drawn = draw(form, bears_lock=account.children.exists())
    context = {
        "now": now,
        "account": account,
        "form": form,
        "preview": shown,
        "told": told(shown, Plan(account, {}, grace_days=0)),
        "drawn": drawn,
        "folded": folded(drawn),
        "audiences": AUDIENCES,
        "scopes": _scopes(form.known["student_scopes"].own),
        "changes": _changes(account),
        "accounts": _accounts(_within(request, now)),
        "usage_days": portal.USAGE_DAYS,
    }
    return render(request, "policies/settings.html", context)


def _preview(request: SignedIn, account: Account, form: SettingsForm, now: datetime) -> Preview:
    """What the form would do as it is filled in; where it cannot be saved, it says why, and nothing is compared."""
    viewer = visitor(request, now=now)
    try:
        return preview(account, form.values() if form.is_valid() else {}, viewer=viewer, now=now)
    except Refused as refused:
        form.add_refusals(refused)
        return preview(account, {}, viewer=viewer, now=now)


def _save(request: SignedIn, account: Account, form: SettingsForm, now: datetime) -> bool:
    """Change the settings, or show in the form why not."""
    revoke_as = request.user if form.cleaned_data["revoke_lost"] else None
    try:
        change = settings.change(account, form.values(), actor=request.user, now=now, revoke_as=revoke_as)
    except Refused as refused:
        form.add_refusals(refused)
        return False
    messages.success(request, " ".join(_said(change)) if change else _("Nothing had changed."))
    return True


def _said(change: Change) -> list[str]:
    """What was done, a sentence each."""
    said = [_("Settings saved. They hold from now on.")]
    if change.shortened is None:
        said.append(_("A job is giving many tokens an earlier end now."))
    elif change.shortened:
        words = ngettext("%(n)d token has an earlier end.", "%(n)d tokens have an earlier end.", change.shortened)
        said.append(words % {"n": change.shortened})
    if change.revoked is None:
        said.append(_("A job is revoking the tokens of those who cannot create any more now."))
    elif change.revoked:
        words = ngettext("%(n)d token was revoked.", "%(n)d tokens were revoked.", change.revoked)
        said.append(words % {"n": change.revoked})
    return said


def _scopes(chosen: object) -> list[tuple[str, str]]:
    """The scopes to choose from, and those that were chosen before they were given out no more."""
    known = known_scopes()
    others = set(chosen if isinstance(chosen, list) else ()) - dict(known).keys()
    return [*known, *((name, name) for name in sorted(others))]


def _changes(account: Account) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.filter(action="policy.change", subject_id=account.pk).select_related("actor")
    return events.order_by("-pk")[:MOST_CHANGES]


def _accounts(within: frozenset[int]) -> QuerySet[Account]:
    """The accounts whose settings the visitor may change, each below its parent, with what it sets itself."""
    reachable = Account.objects.filter(path__overlap=list(within)).exclude(state=OpenState.DELETED)
    return reachable.select_related("policy").order_by("path")[:MOST_ACCOUNTS]
