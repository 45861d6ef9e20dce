"""Unusual use: the queue of administrators, their decisions, and what owners say of it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.pages import SignedIn, asked_account, chosen_accounts, sent, to_fill_in, to_read, visitor
from accounts.people import memberships
from accounts.roles import Permission
from accounts.tree import is_within
from policies.refusals import Refused
from tokens.forms import ConfirmationForm, DismissalForm, ExplanationForm
from tokens.models import UNDECIDED, AccessToken, Flag
from tokens.permissions import may_act, may_view, owners_to_end_for
from tokens.signals import answering
from tokens.signals.rules import Rule
from tokens.signals.wording import MEANINGS, TITLES
from tokens.views.listing import Tab
from tokens.views.reach import nav_of

OPEN, DECIDED = "open", "decided"
PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag, and whether the visitor may decide on it."""

    flag: Flag
    may_decide: bool

    @property
    def meaning(self) -> str:
        """What such use can mean."""
        return str(MEANINGS[Rule(self.flag.rule)])

    @property
    def only_watches(self) -> bool:
        """Whether nobody was told, as the rule is new."""
        return self.flag.is_undecided and self.flag.told_at is None


def rows_of(flags: QuerySet[Flag], request: SignedIn, *, now: datetime) -> list[FlagRow]:
    """Some flags with what the visitor may do about them, in two queries."""
    found = list(flags.select_related("token__user", "decided_by"))
    owners = memberships({flag.token.user_id for flag in found}, now=now) if found else {}
    theirs = owners_to_end_for(request.user, visitor(request, now=now), owners) - {request.user.pk}
    return [FlagRow(flag, flag.is_undecided and flag.token.user_id in theirs) for flag in found]


def flags_of_token(token: AccessToken, request: SignedIn, *, now: datetime) -> list[FlagRow]:
    """What is to be seen of a token's flags: by its owner, those of which they were told."""
    flags = Flag.objects.filter(token=token).order_by("-pk")
    return rows_of(flags.exclude(told_at=None) if token.user_id == request.user.pk else flags, request, now=now)


def flags_of_person(owner: User, request: SignedIn, *, now: datetime) -> list[FlagRow]:
    """What nobody has decided yet of somebody's tokens."""
    return rows_of(Flag.objects.undecided().filter(token__user=owner).order_by("-pk"), request, now=now)


@to_read
def queue(request: SignedIn) -> HttpResponse:
    """List the flags of the people over whom the visitor holds `tokens.view`."""
    now = timezone.now()
    accounts = chosen_accounts(request, Permission.TOKENS_VIEW, now=now)
    rule = request.GET.get("rule", "")
    found = Flag.objects.below(accounts, now=now)
    found = found.filter(rule=rule) if rule in TITLES else found
    state = DECIDED if request.GET.get("state") == DECIDED else OPEN
    by_state = {OPEN: found.undecided(), DECIDED: found.exclude(state__in=UNDECIDED)}
    counts = {name: some.count() for name, some in by_state.items()}
    page = Paginator(by_state[state].order_by("-last_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": now,
        "tabs": [
            Tab(OPEN, _("To look at"), counts[OPEN], state == OPEN),
            Tab(DECIDED, _("Decided"), counts[DECIDED], state == DECIDED),
        ],
        "state": state,
        "rule": rule,
        "rules": TITLES,
        "account": request.GET.get("account", ""),
        "may_edit": _may_edit(request, now),
        "page": page,
        "page_numbers": page.paginator.get_elided_page_range(page.number),
        "rows": rows_of(_these(page), request, now=now),
    }
    return render(request, "tokens/flags.html", context)


def _may_edit(request: SignedIn, now: datetime) -> bool:
    """Whether the visitor chooses the rules of the account that is looked at, or of any where none was asked for."""
    held = visitor(request, now=now).standing.accounts_with(Permission.POLICY_EDIT)
    account = asked_account(request) if request.GET.get("account") else None
    return bool(held) if account is None else is_within(account.path, held)


def _these(page: Page[Flag]) -> QuerySet[Flag]:
    """The flags of a page, in their order."""
    return Flag.objects.filter(pk__in=[flag.pk for flag in page.object_list]).order_by("-last_at", "-pk")


@to_fill_in
def confirm(request: SignedIn, flag_id: int) -> HttpResponse:
    """Say that it is misuse, and go on to revoke or suspend the token, or not."""
    now = timezone.now()
    flag = _get_to_decide(request, flag_id, now)
    form = ConfirmationForm(sent(request))
    if form.is_valid():
        try:
            answering.confirm(flag, actor=request.user, now=now, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("Confirmed. The token is as it was."))
            then = {"revoke": "tokens:revoke", "suspend": "tokens:suspend"}.get(request.POST.get("then", ""))
            if then:
                return redirect(f"{reverse(then, args=[flag.token_id])}?reason=misuse_found")
            return redirect("tokens:flags")
    return _sheet(request, "tokens/flag_confirm.html", flag, form, now, state=flag.token.state_at(now))


@to_fill_in
def dismiss(request: SignedIn, flag_id: int) -> HttpResponse:
    """Say that it is no misuse, and why."""
    now = timezone.now()
    flag = _get_to_decide(request, flag_id, now)
    form = DismissalForm(sent(request))
    if form.is_valid():
        try:
            answering.dismiss(flag, actor=request.user, now=now, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("Dismissed."))
            return redirect("tokens:flags")
    return _sheet(request, "tokens/flag_dismiss.html", flag, form, now)


@to_fill_in
def explain(request: SignedIn, flag_id: int) -> HttpResponse:
    """Let the owner say what it was."""
    now = timezone.now()
    flag = Flag.objects.select_related("token__user").filter(pk=flag_id, token__user=request.user).first()
    if flag is None or flag.told_at is None:
        raise Http404
    form = ExplanationForm(sent(request), initial={"words": flag.words})
    if form.is_valid():
        try:
            answering.explain(flag, form.cleaned_data["words"], actor=request.user, now=now)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("Your administrators can read it now."))
            return redirect("tokens:show", flag.token_id)
    return _sheet(request, "tokens/flag_explain.html", flag, form, now)


def _get_to_decide(request: SignedIn, flag_id: int, now: datetime) -> Flag:
    """A flag that the visitor may decide on. Raises Http404, or PermissionDenied for one they may only look at."""
    flag = Flag.objects.select_related("token__user", "decided_by").filter(pk=flag_id).first()
    if flag is None or flag.token.user_id == request.user.pk or not may_view(request.user, flag.token.user, now=now):
        raise Http404
    if not may_act(request.user, Permission.TOKENS_DELETE, flag.token.user, now=now):
        raise PermissionDenied
    return flag


def _sheet(request: SignedIn, template: str, flag: Flag, form: object, now: datetime, **more: object) -> HttpResponse:
    token = flag.token
    context = {"now": now, "flag": flag, "token": token, "owner": token.user, "form": form}
    return render(request, template, {**context, "nav": nav_of(token.user, request), **more})
