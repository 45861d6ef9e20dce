"""The page on which whoever keeps the rules of the whole school sees how loading its roster went."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.canvas import words
from accounts.models import Account
from accounts.pages import SignedIn, to_read, visitor
from accounts.roles import Permission
from accounts.rosters import RosterRun, Source, find_last

SHOWN = 30  # runs


@to_read
def rosters(request: SignedIn) -> HttpResponse:
    """List the last runs, what each changed, and why one changed nothing."""
    now = timezone.now()
    if Account.objects.root().pk not in visitor(request, now=now).standing.accounts_with(Permission.POLICY_EDIT):
        raise PermissionDenied
    minutes = round(settings.CANVAS_SYNC_EVERY / 60)
    context = {
        "host": urlsplit(settings.CANVAS_URL).netloc,
        "every_hours": 0 if minutes % 60 else minutes // 60,
        "every_minutes": minutes,
        "good": find_last(Source.CANVAS, good=True),
        "last": _worded(find_last(Source.CANVAS)),
        "runs": [_worded(run) for run in RosterRun.objects.order_by("-pk")[:SHOWN]],
    }
    return render(request, "accounts/rosters.html", context)


def _worded(run: RosterRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {"run": run, "outcome": words.outcome(run), "left_out": words.left_out(run.left_out)}
