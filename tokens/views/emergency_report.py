"""The report of an emergency stop, while it stands and afterwards: as a page and as a file."""

import re
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.pages import SignedIn, to_read, visitor
from tokens import emergency as stopping
from tokens.emergency import report
from tokens.models import LONG_AGO, Pause, PausedToken
from tokens.views.emergency import seen_pause

A_PAGE = 50  # rows
MICROSECOND = timedelta(microseconds=1)
_PLACE = re.compile(r"(\d{1,18})_(\d{1,17})_(\d{1,18})", re.ASCII)
PARTS = (("", _("All")), (report.USED, _("Used in the 24 hours before")), (report.TRIED, _("Tried while paused")))


@to_read
def show(request: SignedIn, pause_id: int) -> HttpResponse:
    """Show what a pause has stopped, what was used before and what is tried since."""
    now = timezone.now()
    pause = seen_pause(request, pause_id, now)
    known = visitor(request, now=now)
    lines = report.lines_of(pause, known, now=now)
    part = request.GET.get("part", "")
    found = report.with_tokens(_after(report.part_of(lines, pause, part), request.GET.get("after", "")))
    rows = list(found[: A_PAGE + 1])
    context = {
        "now": now,
        "p": pause,
        "may_lift": stopping.may_lift(known.standing, pause),
        "is_going": _is_going(pause),
        "figures": report.figures_of(lines, pause),
        "parts": PARTS,
        "part": part if part in (report.USED, report.TRIED) else "",
        "rows": [(line, line.token.state_at(now)) for line in rows[:A_PAGE]],
        "next": _place(rows[A_PAGE - 1]) if len(rows) > A_PAGE else "",
    }
    return render(request, "tokens/emergency_report.html", context)


def _is_going(pause: Pause) -> bool:
    """Whether the job has something left to tell or to count for the first time."""
    is_untelling = pause.lifted_at is not None and pause.untold_at is None
    return pause.told_at is None or pause.measured_at is None or is_untelling


@to_read
def export(request: SignedIn, pause_id: int) -> HttpResponseBase:
    """Send the report as a file; the audit trail says who took it."""
    now = timezone.now()
    pause = seen_pause(request, pause_id, now)
    lines = report.part_of(
        report.lines_of(pause, visitor(request, now=now), now=now), pause, request.GET.get("part", "")
    )
    report.note_export(pause, lines, actor=request.user, now=now)
    name = f"emergency-stop-{pause.pk}-{timezone.localdate(now):%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        report.csv_of(lines, now=now),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _place(line: PausedToken) -> str:
    """Where a line stands, in the order of the report."""
    return f"{line.requests}_{((line.last_used_at or LONG_AGO) - LONG_AGO) // MICROSECOND}_{line.pk}"


def _after(lines: QuerySet[PausedToken], place: str) -> QuerySet[PausedToken]:
    """Those that come after the place where the page before ended; all of them for what is no such place."""
    match = _PLACE.fullmatch(place)
    if match is None:
        return lines
    busy, latest, last = map(int, match.groups())
    at = LONG_AGO + latest * MICROSECOND
    beyond = Q(requests__lt=busy) | Q(requests=busy, latest__lt=at) | Q(requests=busy, latest=at, pk__gt=last)
    return lines.filter(beyond, requests__lte=busy)
