"""The settings page of an account."""

from datetime import datetime

from django.conf import settings as portal
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Account, OpenState
from accounts.pages import SignedIn, sent, to_fill_in, to_read, visitor
from accounts.roles import Permission
from accounts.tree import is_within
from accounts.views.recent import asks_again
from policies.catalogue import known_scopes
from policies.drafting import Draft
from policies.drawing import AUDIENCES, draw, folded
from policies.inheritance import origins
from policies.settings_form import SettingsForm
from policies.telling import told_after
from policies.terms_form import TermsForm
from policies.underway import underway

MOST_CHANGES = 8
MOST_ACCOUNTS = 200
CHANGES = ("policy.change", "policy.plan", "policy.undo", "policy.apply")


@to_read
def entry(request: SignedIn) -> HttpResponse:
    """Go to the settings of the highest account that the visitor administers."""
    within = _within(request, timezone.now())
    account = min(Account.objects.filter(pk__in=within), key=lambda found: len(found.path), default=None)
    if account is None:
        raise PermissionDenied
    return redirect("policies:settings", account.pk)


@to_fill_in
@asks_again("POST")
def account_settings(request: SignedIn, account_id: int) -> HttpResponse:
    """Show what one account sets itself; save a change of it as its preview was shown."""
    draft = draft_of(request, account_id)
    saved = draft.save()
    if saved is not None:
        messages.success(request, " ".join(told_after(saved)))
        return redirect("policies:settings", account_id)
    return page_of(request, draft)


@to_fill_in
def preview_settings(request: SignedIn, account_id: int) -> HttpResponse:
    """Show the form as it was filled in, and what saving it would do; nothing is saved."""
    draft = draft_of(request, account_id)
    if sent(request) is None:
        return redirect("policies:settings", account_id)
    return page_of(request, draft)


def draft_of(request: SignedIn, account_id: int) -> Draft:
    """What the form says, of an account that the visitor may change. Raises Http404."""
    now = timezone.now()
    account = reached(request, account_id, now)
    form = SettingsForm(sent(request), known=origins(account), is_root=account.parent_id is None)
    terms = TermsForm(sent(request), zone=request.user.zone, now=now)
    return Draft(account, form, terms, actor=request.user, viewer=visitor(request, now=now), now=now)


def reached(request: SignedIn, account_id: int, now: datetime) -> Account:
    """The account, if the visitor may change its settings. Raises Http404."""
    account = Account.objects.filter(pk=account_id).exclude(state=OpenState.DELETED).first()
    if account is None or not is_within(account.path, _within(request, now)):
        raise Http404
    return account


def _within(request: SignedIn, now: datetime) -> frozenset[int]:
    return visitor(request, now=now).standing.accounts_with(Permission.POLICY_EDIT)


def page_of(request: SignedIn, draft: Draft) -> HttpResponse:
    """The page with the form as it is filled in."""
    shown = draft.shown  # may put refusals into the form
    account, form, within = draft.account, draft.form, _within(request, draft.now)
    drawn = draw(form, bears_lock=account.children.exists())
    context = {
        "now": draft.now,
        "account": account,
        "draft": draft,
        "form": form,
        "preview": draft.preview,
        "quote": shown.quote if shown else "",
        "drawn": drawn,
        "folded": folded(drawn),
        "audiences": AUDIENCES,
        "scopes": _scopes(form.known["student_scopes"].own),
        "underway": underway(account, within=within),
        "changes": _changes(account),
        "accounts": _accounts(within),
        "usage_days": portal.USAGE_DAYS,
    }
    return render(request, "policies/settings.html", context)


def _scopes(chosen: object) -> list[tuple[str, str]]:
    """The scopes to choose from, and those that were chosen before they were given out no more."""
    known = known_scopes()
    others = set(chosen if isinstance(chosen, list) else ()) - dict(known).keys()
    return [*known, *((name, name) for name in sorted(others))]


def _changes(account: Account) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.filter(action__in=CHANGES, subject_id=account.pk).select_related("actor")
    return events.order_by("-pk")[:MOST_CHANGES]


def _accounts(within: frozenset[int]) -> QuerySet[Account]:
    """The accounts whose settings the visitor may change, each below its parent, with what it sets itself."""
    reachable = Account.objects.filter(path__overlap=list(within)).exclude(state=OpenState.DELETED)
    return reachable.select_related("policy").order_by("path")[:MOST_ACCOUNTS]
