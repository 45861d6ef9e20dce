"""The audit log: who did what to whom, newest first."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import telling
from accounts.audit import actions_written, kind_of
from accounts.pages import SignedIn, chosen_accounts, to_read, visitor
from accounts.reading import Asked, Trail, before
from accounts.roles import Permission

A_PAGE = 50  # lines


@to_read
def audit_log(request: SignedIn) -> HttpResponse:
    """List the events that touch the people and accounts over which the visitor holds `audit.view`."""
    now = timezone.now()
    trail = Trail(chosen_accounts(request, Permission.AUDIT_VIEW, now=now), now=now)
    actions = actions_written()
    things = [name for name, kind in telling.kinds().items() if kind.names]
    asked = Asked.of(request.GET, kinds={*telling.kinds(), *map(kind_of, actions)}, things=things)
    lines = before(trail.asked(asked, actions=actions, zone=request.user.zone), request.GET.get("before", ""))
    rows = list(lines[: A_PAGE + 1])
    context = {
        "now": now,
        "lines": telling.tell(rows[:A_PAGE]),
        "next": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else None,
        "asked": asked,
        "kinds": _kinds({*map(kind_of, actions), asked.kind} - {""}),
        "opens_tokens": Permission.TOKENS_VIEW in visitor(request, now=now).standing.permissions,
    }
    return render(request, "accounts/audit_log.html", context)


def _kinds(names: Iterable[str]) -> dict[str, telling.Text]:
    """What lines can be about, in the order of its words."""
    known = telling.kinds()
    labels = {name: known[name].label if name in known else name for name in names}
    return dict(sorted(labels.items(), key=lambda item: str(item[1])))
