"""Which rules for unusual use an account watches for, and by which numbers."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.pages import SignedIn, asked_account, chosen_accounts, to_fill_in
from accounts.roles import Permission
from policies.reading import as_number
from policies.refusals import Code, Refused, refuse
from policies.wording import sentence
from tokens.models import WATCHES_FOR
from tokens.signals.rules import RULES, Limit, Rule
from tokens.signals.watching import Watched, inherit, watch, watched
from tokens.signals.wording import LIMITS, MEANINGS, TITLES


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as an account has it, with what was typed if that was wrong."""

    watched: Watched
    typed: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str | Promise:
        """What it looks for."""
        return TITLES[self.watched.rule]

    @property
    def meaning(self) -> str | Promise:
        """What such use can mean."""
        return MEANINGS[self.watched.rule]

    @property
    def fields(self) -> list[tuple[Limit, str | Promise, str, str]]:
        """Its numbers: each with its words, what stands in it, and what is wrong with that."""
        limits = self.watched.limits
        return [
            (each, LIMITS[each.name], self.typed.get(each.name, str(limits[each.name])), self.wrong.get(each.name, ""))
            for each in RULES[self.watched.rule].limits
        ]

    def only_watches_until(self, now: datetime) -> datetime | None:
        """Until when it tells nobody; None where it may already, or is off."""
        held = self.watched.held
        if held is None or not held.is_on or held.since + WATCHES_FOR <= now:
            return None
        return held.since + WATCHES_FOR


@to_fill_in
def rules(request: SignedIn) -> HttpResponse:
    """Show the rules of an account whose policy the visitor edits, and change one of them."""
    now = timezone.now()
    accounts = chosen_accounts(request, Permission.POLICY_EDIT, now=now)
    account = asked_account(request) or Account.objects.filter(pk__in=accounts).order_by("pk")[0]
    wrong: RuleRow | None = None
    if request.method == "POST":
        one = _named(account, request.POST.get("rule", ""))
        try:
            _change(account, one, request, now)
        except Refused as refused:
            said = {refusal.field: sentence(refusal) for refusal in refused.refusals}
            wrong = RuleRow(one, request.POST.dict(), said)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('tokens:flag_rules')}?account={account.pk}")
    rows = [wrong if wrong and wrong.watched.rule == each.rule else RuleRow(each) for each in watched(account)]
    shown = [(row, row.only_watches_until(now)) for row in rows]
    return render(request, "tokens/flag_rules.html", {"now": now, "account": account, "rows": shown})


def _named(account: Account, name: str) -> Watched:
    found = next((each for each in watched(account) if each.rule == name), None)
    if found is None:
        raise Http404
    return found


def _change(account: Account, one: Watched, request: SignedIn, now: datetime) -> None:
    """Do what the pressed button says. Raises Refused."""
    if request.POST.get("act") == "inherit":
        inherit(account, one.rule, actor=request.user, now=now)
        return
    limits = _limits(one.rule, request.POST)
    watch(account, one.rule, is_on="is_on" in request.POST, limits=limits, actor=request.user, now=now)


def _limits(rule: Rule, sent: QueryDict) -> dict[str, int]:
    """The numbers that were typed. Raises Refused(number_out_of_range) for what is none."""
    found = {}
    for limit in RULES[rule].limits:
        number = as_number(sent.get(limit.name, "").strip())
        if not isinstance(number, int):
            raise refuse(Code.NUMBER_OUT_OF_RANGE, limit.name, least=limit.least, most=limit.most)
        found[limit.name] = number
    return found
