"""Webhooks, for who edits the policy of an account: added, changed, switched off, and what each was told."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.pages import SignedIn, sent, to_do, to_fill_in, to_read, visitor
from accounts.parameters import number_in
from accounts.roles import Permission
from accounts.views.recent import asks_again
from policies.refusals import Refused
from policies.wording import sentence
from tokens import tasks, webhooks
from tokens.forms import WebhookForm
from tokens.models import TOLD, DeliveryState, Webhook
from tokens.webhooks import Wish

A_PAGE = 25
MOST_ACCOUNTS = 500


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """List the webhooks of the accounts whose policy the visitor edits."""
    given_up = Count("deliveries", Q(deliveries__state=DeliveryState.FAILED))
    found = _within(request).annotate(given_up=given_up).order_by("account__path", "url")
    return render(request, "tokens/webhooks.html", {"now": timezone.now(), "webhooks": found})


@to_fill_in
@asks_again()
def new(request: SignedIn) -> HttpResponse:
    """Add one. Sent again, the form finds its address taken: no second secret comes of it."""
    now = timezone.now()
    accounts = Account.objects.filter(path__overlap=list(_held(request))).order_by("path")[:MOST_ACCOUNTS]
    offered = Account.objects.filter(pk__in=[account.pk for account in accounts]).order_by("path")
    form = WebhookForm(sent(request), accounts=offered, initial={"events": list(TOLD)})
    if form.is_valid():
        try:
            added = webhooks.add(form.cleaned_data["account"], _wish(form), actor=request.user, now=now)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            return render(request, "tokens/webhook_secret.html", {"webhook": added.webhook, "secret": added.secret})
    return render(request, "tokens/webhook_form.html", {"now": now, "form": form})


@to_fill_in
@asks_again()
def edit(request: SignedIn, webhook_id: int) -> HttpResponse:
    """Change where it goes, and what it is told of."""
    now, webhook = timezone.now(), _get(request, webhook_id)
    kept = {"url": webhook.url, "description": webhook.description, "events": webhook.events}
    form = WebhookForm(sent(request), initial=kept)
    if form.is_valid():
        try:
            webhooks.change(webhook, _wish(form), actor=request.user, now=now)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("tokens:webhook", webhook.pk)
    return render(request, "tokens/webhook_form.html", {"now": now, "form": form, "webhook": webhook})


@to_read
def show(request: SignedIn, webhook_id: int) -> HttpResponse:
    """Show one, and what it was told, the newest first."""
    webhook = _get(request, webhook_id)
    before = number_in(request.GET.get("before", ""))
    log = webhook.deliveries.order_by("-pk")
    rows = list((log if before is None else log.filter(pk__lt=before))[: A_PAGE + 1])
    context = {
        "now": timezone.now(),
        "webhook": webhook,
        "told": [TOLD.get(event, event) for event in webhook.events],
        "rows": [(row, TOLD.get(row.event, _("Test"))) for row in rows[:A_PAGE]],
        "next": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else "",
        "given_up": webhooks.failed_of(webhook).count(),
    }
    return render(request, "tokens/webhook.html", context)


@to_do
@asks_again()
def act(request: SignedIn, webhook_id: int) -> HttpResponse:
    """Do what a button of its page says."""
    now, webhook = timezone.now(), _get(request, webhook_id)
    try:
        messages.success(request, _do(request, webhook, now))
    except Refused as refused:
        messages.error(request, " ".join(map(sentence, refused.refusals)))
    return redirect("tokens:webhook", webhook.pk)


def _do(request: SignedIn, webhook: Webhook, now: datetime) -> str:
    """Do it; what to say then. Raises Refused, and Http404 for what is no button."""
    named, user = request.POST.get("act", ""), request.user
    if named == "off":
        webhooks.switch_off(webhook, actor=user, now=now)
        return _("Switched off. Nothing more is sent there.")
    if named == "on":
        webhooks.switch_on(webhook, actor=user, now=now)
        said = _("Switched on. What waits is sent now.")
    elif named == "test":
        webhooks.send_test(webhook, actor=user, now=now)
        said = _("A test is on its way. Load this page again to see what came of it.")
    elif named == "again":
        one = number_in(request.POST.get("message", ""))
        count = webhooks.send_again(webhook, None if one is None else [one], actor=user, now=now)
        said = ngettext("%d message is sent again.", "%d messages are sent again.", count) % count
    else:
        raise Http404
    tasks.start_webhooks()
    return said


@to_fill_in
@asks_again()
def delete(request: SignedIn, webhook_id: int) -> HttpResponse:
    """Delete one, after a look at what that means."""
    webhook = _get(request, webhook_id)
    if sent(request) is not None:
        webhooks.remove(webhook, actor=request.user, now=timezone.now())
        messages.success(request, _("Deleted. Nothing more is sent there."))
        return redirect("tokens:webhooks")
    return render(request, "tokens/webhook_delete.html", {"webhook": webhook})


def _wish(form: WebhookForm) -> Wish:
    asked = form.cleaned_data
    return Wish(asked["url"], asked["description"], tuple(asked["events"]))


def _held(request: SignedIn) -> frozenset[int]:
    """The accounts whose policy the visitor edits. Raises PermissionDenied where there is none."""
    held = visitor(request, now=timezone.now()).standing.accounts_with(Permission.POLICY_EDIT)
    if not held:
        raise PermissionDenied
    return held


def _within(request: SignedIn) -> QuerySet[Webhook]:
    """The webhooks of these accounts and all below."""
    found = Webhook.objects.filter(account__path__overlap=list(_held(request)))
    return found.select_related("account", "made_by")


def _get(request: SignedIn, webhook_id: int) -> Webhook:
    """One of them. Raises Http404."""
    webhook = _within(request).filter(pk=webhook_id).first()
    if webhook is None:
        raise Http404
    return webhook
