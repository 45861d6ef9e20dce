"""Tokens whose secrets are in the open: the page on which anybody reports one, and the list for administrators."""

import math

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.pages import SignedIn, chosen_accounts, sent, to_read
from accounts.parameters import number_in
from accounts.people import homed_in
from accounts.roles import Permission
from tokens.finders import Rate, hand_in
from tokens.forms import ReportForm
from tokens.leaks import Report
from tokens.models import AccessToken, Leak
from tokens.models.leak import FoundBy

A_PAGE = 50  # reports


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Let anybody report a token; whatever is sent, the answer says the same."""
    form = ReportForm(sent(request))
    if form.is_valid():
        rate = Rate()
        if not rate.allow_request(request, None):  # type: ignore[arg-type]  # it looks at nothing but our key
            answer = render(request, "errors/429.html", status=429)
            answer["Retry-After"] = str(math.ceil(rate.wait() or 1))
            return answer
        one = Report(form.cleaned_data["token"], url=form.cleaned_data["url"])
        hand_in([one], found_by=FoundBy.ANYBODY, now=timezone.now())
    return render(request, "tokens/leak_report.html", {"form": ReportForm(), "is_sent": form.is_bound})


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """List what was reported of the people over whom the visitor holds `tokens.view`, the newest first."""
    now = timezone.now()
    accounts = chosen_accounts(request, Permission.TOKENS_VIEW, now=now)
    found = Leak.objects.filter(token__user__in=homed_in(accounts, now=now)).select_related("token__user")
    last = number_in(request.GET.get("before", ""))
    rows = list((found.filter(pk__lt=last) if last else found).order_by("-pk")[: A_PAGE + 1])
    context = {"now": now, "leaks": rows[:A_PAGE], "next": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else None}
    return render(request, "tokens/leaks.html", context)


def leaks_of(token: AccessToken) -> QuerySet[Leak]:
    """What was reported of one token, the newest first."""
    return Leak.objects.filter(token=token).order_by("-pk")[:A_PAGE]
