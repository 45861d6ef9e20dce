"""The page on which whoever keeps the school's rules brings in the tokens that another system made."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.pages import SignedIn, to_fill_in, visitor
from policies.wording import sentence
from tokens.forms import ImportForm
from tokens.importing import COLUMNS, Brought, bring, may_import, reach_of

_SHOWN = 100  # problems


@to_fill_in
def imports(request: SignedIn) -> HttpResponse:
    """Check a file, or bring it in. The same file twice changes nothing, so neither does a reload."""
    now = timezone.now()
    if not may_import(visitor(request, now=now)):
        raise PermissionDenied
    is_sent = request.method == "POST" and bool(settings.FOREIGN_TOKENS)
    form = ImportForm(request.POST if is_sent else None, request.FILES if is_sent else None, zone=request.user.zone)
    context = {"form": form, "columns": COLUMNS, "is_set_up": bool(settings.FOREIGN_TOKENS), "shown": _SHOWN}
    if is_sent and form.is_valid():
        dry_run = request.POST.get("act") != "import"
        brought = _bring(request, form, now=now, dry_run=dry_run)
        problems = [(each.number, map(sentence, each.refusals)) for each in brought.in_order[:_SHOWN]]
        context |= {"brought": brought, "is_dry_run": dry_run, "problems": problems}
    return render(request, "tokens/imports.html", context)


def _bring(request: SignedIn, form: ImportForm, *, now: datetime, dry_run: bool) -> Brought:
    reach, source = reach_of(visitor(request, now=now), now=now), form.cleaned_data["source"]
    return bring(form.lines, source=source, reach=reach, actor=request.user, now=now, dry_run=dry_run)
