"""Something done to many tokens of the inventory: looked at, asked why, carried out, and what became of each."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.pages import SignedIn, sent, to_do, to_fill_in, to_read, visitor
from accounts.people import homed_in
from accounts.roles import Permission
from accounts.views.recent import asks_again
from policies.refusals import Refused
from tokens import bulk, tasks
from tokens.forms import BulkForm
from tokens.inventory.reach import owned_by
from tokens.models import AccessTokenQuerySet, BulkAct, BulkItem, BulkKind, ItemOutcome
from tokens.views.inventory import Inventory

MOST_PICKED = 500  # boxes; a page has fewer
A_PAGE = 50  # rows


@to_fill_in
@asks_again()
def begin(request: SignedIn, kind: str) -> HttpResponse:
    """Look at the tokens that were ticked, `?id=…&id=…`, or with `?all=yes` those that the filters leave; then act."""
    now = timezone.now()
    if kind not in BulkKind.values:
        raise Http404
    here = Inventory(request, now)
    back = here.place(here.asked.parameters).href
    wanted = _wanted(request, here, now)
    if not request.GET.get("all") and not _picked(request):
        return HttpResponseRedirect(back)
    return _Begin(request, here, BulkKind(kind), wanted, back).answer()


class _Begin:
    """One look at an act, and its beginning."""

    def __init__(
        self, request: SignedIn, here: Inventory, kind: BulkKind, wanted: AccessTokenQuerySet, back: str
    ) -> None:
        self.request, self.here, self.kind, self.back, self.now = request, here, kind, back, here.now
        self.wanted = bulk.fitting(wanted, kind, ends_at=None, now=self.now)
        self.seen = bulk.look(self.wanted, actor=request.user, known=visitor(request, now=self.now), now=self.now)
        self.form = BulkForm(
            sent(request),
            zone=request.user.zone,
            number=self.seen.count if self.seen.count > bulk.AT_ONCE else 0,
            kind=kind,
        )

    def answer(self) -> HttpResponse:
        """Carry out what was confirmed: few at once, many by a job; else draw what would happen."""
        if self.form.is_valid() and (begun := self._begun()):
            return self._tell(begun)
        if self.seen.count and self.form.is_valid():
            try:
                act = self._make()
            except Refused as refused:
                self.form.add_refusals(refused)
            else:
                return self._lead_on(act)
        context = {"now": self.now, "back": self.back, "kind": self.kind, "seen": self.seen, "form": self.form}
        return render(self.request, "tokens/bulk_begin.html", context)

    def _begun(self) -> BulkAct | None:
        """What an earlier click on the same form has begun."""
        return BulkAct.objects.filter(made_by=self.request.user, key=self.form.form_key).first()

    def _make(self) -> BulkAct:
        form = self.form
        form.require_number()
        chosen = self.here.asked.parameters if self.request.GET.get("all") else {}
        written = {name: form.cleaned_data.get(name, "") for name in ("subject", "words")}
        wish = bulk.Wish(self.kind, form.said, chosen, form.form_key, form.ends_at, **written)
        tokens = bulk.fitting(self.wanted, self.kind, ends_at=wish.ends_at, now=self.now)
        return bulk.make(wish, tokens, actor=self.request.user, now=self.now)

    def _lead_on(self, act: BulkAct) -> HttpResponse:
        if act.size > bulk.AT_ONCE:
            transaction.on_commit(tasks.start_bulk, robust=True)  # else beat starts it within seconds
            return redirect("tokens:bulk", act.pk)
        for _reached in bulk.carry_out(act.pk, clock=lambda: self.now):
            pass
        return self._tell(act)

    def _tell(self, act: BulkAct) -> HttpResponse:
        """Say what came of it, or show how far it is."""
        act.refresh_from_db()
        if not act.finished_at:
            return redirect("tokens:bulk", act.pk)
        messages.success(self.request, _say_done(act))
        return HttpResponseRedirect(self.back)


def _wanted(request: SignedIn, here: Inventory, now: datetime) -> AccessTokenQuerySet:
    """What was asked for, of the people over whom the visitor holds `tokens.delete`. Raises PermissionDenied."""
    held = visitor(request, now=now).standing.accounts_with(Permission.TOKENS_DELETE)
    if not held:
        raise PermissionDenied
    wanted = here.found if request.GET.get("all") else here.tokens.filter(pk__in=_picked(request))
    if Account.objects.root().pk in held:
        return wanted
    return wanted.filter(owned_by(homed_in(held, now=now), "pk"))


def _picked(request: SignedIn) -> set[int]:
    texts = request.GET.getlist("id")[:MOST_PICKED]
    return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19}


def _say_done(act: BulkAct) -> str:
    words = {
        BulkKind.REVOKE: ngettext(
            "Revoked %(n)d token. It is refused from now on.",
            "Revoked %(n)d tokens. They are refused from now on.",
            act.done,
        ),
        BulkKind.SUSPEND: ngettext("Suspended %(n)d token.", "Suspended %(n)d tokens.", act.done),
        BulkKind.RESUME: ngettext("%(n)d token works again.", "%(n)d tokens work again.", act.done),
        BulkKind.SHORTEN: ngettext("%(n)d token ends sooner.", "%(n)d tokens end sooner.", act.done),
        BulkKind.MAIL: ngettext(
            "The owner of %(n)d token gets your message.", "The owners of %(n)d tokens get your message.", act.done
        ),
    }[BulkKind(act.kind)]
    said = words % {"n": act.done}
    return said if act.kind == BulkKind.MAIL else f"{said} {_say_left(act.left)}".strip()


def _say_left(count: int) -> str:
    """Tell how many of those that were asked for are not the visitor's to change."""
    words = ngettext(
        "%(n)d token was left: its owner holds rights that you lack.",
        "%(n)d tokens were left: their owners hold rights that you lack.",
        count,
    )
    return words % {"n": count} if count else ""


def _acts(request: SignedIn, now: datetime) -> Any:
    """The acts that the visitor may see: their own, and every one for who ends tokens in the whole school."""
    held = visitor(request, now=now).standing.accounts_with(Permission.TOKENS_DELETE)
    if not held:
        raise PermissionDenied
    acts = BulkAct.objects.select_related("made_by").order_by("-pk")
    return acts if Account.objects.root().pk in held else acts.filter(made_by=request.user)


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """List what was done to many tokens, the latest first."""
    now = timezone.now()
    return render(request, "tokens/bulk_list.html", {"now": now, "acts": _acts(request, now)[:A_PAGE]})


@to_read
def show(request: SignedIn, act_id: int) -> HttpResponse:
    """Show how far an act is, and what became of each token."""
    now = timezone.now()
    act = _acts(request, now).filter(pk=act_id).first()
    if act is None:
        raise Http404
    asked = request.GET.get("outcome", "")
    narrow = Q(outcome=asked) if asked in ItemOutcome.values else ~Q(outcome="")
    after = request.GET.get("after", "")
    beyond = Q(pk__gt=int(after)) if after.isascii() and after.isdigit() and len(after) < 19 else Q()
    items = BulkItem.objects.filter(narrow, beyond, act=act).select_related("token__user").order_by("pk")
    rows = list(items.defer("token__tag", "token__verifier")[: A_PAGE + 1])
    context = {
        "now": now,
        "act": act,
        "rows": rows[:A_PAGE],
        "next": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else "",
        "outcomes": ItemOutcome.choices,
        "asked": asked,
        "here": reverse("tokens:bulk", args=[act.pk]),
    }
    return render(request, "tokens/bulk.html", context)


@to_do
def stop(request: SignedIn, act_id: int) -> HttpResponse:
    """Leave those tokens alone whose turn has not come."""
    now = timezone.now()
    act = _acts(request, now).filter(pk=act_id).first()
    if act is None:
        raise Http404
    bulk.stop(act, actor=request.user, now=now)
    return redirect("tokens:bulk", act.pk)
