"""The requests of others: the queue with the facts, and the answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.pages import SignedIn, chosen_accounts, sent, to_fill_in, to_read, visitor
from accounts.parameters import number_in
from accounts.people import homed_in
from accounts.roles import Grant, Permission
from policies.decision import Decision
from policies.explaining import why_capped_for_others
from policies.governing import governed_many
from policies.refusals import Refused
from policies.wording import sentence
from tokens import requests
from tokens.forms import ApprovalForm, RefusalForm
from tokens.models import AccessToken, RequestState, TokenRequest, TokenRequestQuerySet, in_use_at
from tokens.permissions import get_request_to_answer, requests_to_answer
from tokens.requests import Answered
from tokens.scopes import words_of

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Row:
    """One request with what whoever decides should know."""

    request: TokenRequest
    grants: list[Grant]
    home: str
    decision: Decision
    in_use: int
    last_used_at: datetime | None
    earlier: int
    earlier_refused: int
    may_lift: bool
    words: dict[str, str]

    @property
    def is_beyond(self) -> bool:
        """Whether it is to live longer than the person may let one."""
        return self.decision.is_beyond(self.request.expires_at)

    @property
    def why_capped(self) -> str:
        """The limit in words."""
        return why_capped_for_others(self.decision)


@to_read
def queue(request: SignedIn) -> HttpResponse:
    """List the requests that the visitor may answer, the oldest first, or those answered, the latest first."""
    now = timezone.now()
    accounts = chosen_accounts(request, Permission.TOKENS_CREATE, now=now)
    mine = requests_to_answer(request.user, visitor(request, now=now), now=now)
    if request.GET.get("account"):
        mine = mine.filter(person__in=homed_in(accounts, now=now))
    is_answered = request.GET.get("state") == "answered"
    listed = _answered(mine) if is_answered else mine.waiting().order_by("made_at", "pk")
    page = Paginator(listed.select_related("person", "decided_by"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": now,
        "page": page,
        "page_numbers": page.paginator.get_elided_page_range(page.number),
        "rows": rows_of(request, page.object_list, now=now),
        "is_answered": is_answered,
    }
    return render(request, "tokens/requests.html", context)


def _answered(mine: TokenRequestQuerySet) -> TokenRequestQuerySet:
    return mine.exclude(state=RequestState.OPEN).order_by("-decided_at", "-pk")


def rows_of(request: SignedIn, asked: Iterable[TokenRequest], *, now: datetime) -> list[Row]:
    """The facts of several requests; the number of queries does not depend on how many they are."""
    asked = list(asked)
    ids = {each.person_id for each in asked}
    people, viewer = governed_many(ids, now=now), visitor(request, now=now)
    homes = dict(
        Account.objects.filter(pk__in={k.membership.home[-1] for k in people.values()}).values_list("pk", "name")
    )
    held = _by_person(
        AccessToken.objects.filter(user__in=ids)
        .values("user")
        .annotate(number=Count("pk", filter=in_use_at(now)), last=Max("last_used_at")),
        "user",
    )
    past = _by_person(
        TokenRequest.objects.filter(person__in=ids)
        .values("person")
        .annotate(number=Count("pk"), refused=Count("pk", filter=Q(state=RequestState.REFUSED))),
        "person",
    )
    words = words_of(name for each in asked for name in each.scopes)
    return [
        Row(
            request=each,
            grants=_each_once(people[each.person_id].membership.standing.grants),
            home=homes[people[each.person_id].membership.home[-1]],
            decision=people[each.person_id].decision,
            in_use=held.get(each.person_id, {}).get("number", 0),
            last_used_at=held.get(each.person_id, {}).get("last"),
            earlier=past[each.person_id]["number"] - 1,
            earlier_refused=past[each.person_id]["refused"] - (each.state == RequestState.REFUSED),
            may_lift=viewer.may(Permission.POLICY_EDIT, people[each.person_id].membership),
            words={name: words[name] for name in each.scopes},
        )
        for each in asked
    ]


def _by_person(rows: Iterable[Any], name: str) -> dict[int, dict[str, Any]]:
    return {row[name]: row for row in rows}


def _each_once(grants: Iterable[Grant]) -> list[Grant]:
    return list({grant.label: grant for grant in grants}.values())


@to_fill_in
def approve(request: SignedIn, number: int) -> HttpResponse:
    """Show one request with its facts, and approve it, with an earlier end if there is a reason for one."""
    now = timezone.now()
    asked = get_request_to_answer(request.user, number, now=now)
    form = ApprovalForm(sent(request), zone=asked.person.zone, wanted=asked.expires_at)
    if form.is_valid():
        end = form.cleaned_data["no_later_than"]
        try:
            requests.approve(asked, actor=request.user, now=now, no_later_than=end)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _("Approved. %s is told, and generates the token.") % asked.person.name)
            return redirect("tokens:requests")
    [row] = rows_of(request, [asked], now=now)
    return render(request, "tokens/request_approve.html", {"now": now, "row": row, "form": form})


@to_fill_in
def approve_many(request: SignedIn) -> HttpResponse:
    """Approve the requests that were ticked, `?id=…&id=…`, each as it was asked for."""
    now = timezone.now()
    asked = _ticked(request, now)
    if not asked:
        return redirect("tokens:requests")
    if sent(request) is not None:
        answered = requests.approve_many(asked, actor=request.user, now=now)
        _say(request, answered, ngettext("Approved %(n)d request.", "Approved %(n)d requests.", answered.done))
        return redirect("tokens:requests")
    rows = rows_of(request, asked, now=now)
    context = {"now": now, "rows": rows, "left": sum(row.is_beyond and not row.may_lift for row in rows)}
    return render(request, "tokens/requests_approve.html", context)


@to_fill_in
def refuse(request: SignedIn) -> HttpResponse:
    """Refuse the requests that were ticked, `?id=…&id=…`, for one reason."""
    now = timezone.now()
    asked, form = _ticked(request, now), RefusalForm(sent(request))
    if not asked:
        return redirect("tokens:requests")
    if form.is_valid():
        try:
            answered = requests.turn_down_many(asked, actor=request.user, now=now, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.add_refusals(refused)
        else:
            _say(request, answered, ngettext("Refused %(n)d request.", "Refused %(n)d requests.", answered.done))
            return redirect("tokens:requests")
    return render(request, "tokens/requests_refuse.html", {"now": now, "asked": asked, "form": form})


def _ticked(request: SignedIn, now: datetime) -> list[TokenRequest]:
    """Those named in the address that still wait and that the visitor may answer."""
    ids = {number for text in request.GET.getlist("id") if (number := number_in(text)) is not None}
    mine = requests_to_answer(request.user, visitor(request, now=now), now=now)
    return list(mine.waiting().filter(pk__in=ids).select_related("person").order_by("made_at", "pk"))


def _say(request: SignedIn, answered: Answered, done: str) -> None:
    """Say how many were answered, and why the others were not, each reason once."""
    if answered.done:
        messages.success(request, done % {"n": answered.done})
    for reason in dict.fromkeys(sentence(refusal) for refused in answered.left for refusal in refused.refusals):
        messages.error(request, reason)
