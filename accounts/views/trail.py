"""The audit log: who did what to whom, newest first; on a page, or as a file."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import exporting, telling
from accounts.audit import AuditEvent, actions_written, kind_of, record
from accounts.chain.standing import find_state
from accounts.models import Account
from accounts.pages import SignedIn, chosen_accounts, to_read, visitor
from accounts.reading import Asked, Trail, asked_of, before
from accounts.roles import Permission

A_PAGE = 50  # lines


class Log:
    """What one address of the audit log is about: the accounts, what is asked, the lines."""

    def __init__(self, request: SignedIn, now: datetime) -> None:
        """Read the address. Raises PermissionDenied or Http404, as `chosen_accounts` does."""
        self.accounts = chosen_accounts(request, Permission.AUDIT_VIEW, now=now)
        self.actions = actions_written()
        self.asked: Asked = asked_of(request.GET, self.actions)
        trail = Trail(self.accounts, now=now)
        self.lines: QuerySet[AuditEvent] = trail.asked(self.asked, actions=self.actions, zone=request.user.zone)


@to_read
def audit_log(request: SignedIn) -> HttpResponse:
    """List the events that touch the people and accounts over which the visitor holds `audit.view`."""
    now = timezone.now()
    log = Log(request, now)
    rows = list(before(log.lines, request.GET.get("before", ""))[: A_PAGE + 1])
    context = {
        "now": now,
        "lines": telling.tell(rows[:A_PAGE]),
        "next": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else None,
        "asked": log.asked,
        "kinds": _kinds({*map(kind_of, log.actions), log.asked.kind} - {""}),
        "opens_tokens": Permission.TOKENS_VIEW in visitor(request, now=now).standing.permissions,
        "chain": find_state(),
    }
    return render(request, "accounts/audit_log.html", context)


@to_read
def export(request: SignedIn) -> HttpResponseBase:
    """Send the lines that the filters leave as a file, newest first; the line that says who took it is not in it."""
    now = timezone.now()
    log = Log(request, now)
    form = request.GET.get("format", "") if request.GET.get("format") in exporting.FORMATS else exporting.CSV
    taken = {"count": log.lines.count(), "format": form, "filters": log.asked.parameters}
    account = Account.objects.filter(pk__in=log.accounts).order_by("pk").first()
    line = record("audit.export", actor=request.user, now=now, account=account, after=taken)
    return StreamingHttpResponse(
        exporting.lines(log.lines.filter(pk__lt=line.pk), form),
        content_type=exporting.FORMATS[form],
        headers={"Content-Disposition": f'attachment; filename="audit-{timezone.localdate(now):%Y-%m-%d}.{form}"'},
    )


def _kinds(names: Iterable[str]) -> dict[str, telling.Text]:
    """What lines can be about, in the order of its words."""
    known = telling.kinds()
    labels = {name: known[name].label if name in known else name for name in names}
    return dict(sorted(labels.items(), key=lambda item: str(item[1])))
