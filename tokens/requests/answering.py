"""Answering requests: by an administrator, one or many, or by nobody for so long that they lapse."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_many
from accounts.locks import lock_people
from accounts.models import Account, User
from accounts.people import Membership, memberships
from accounts.roles import Permission
from policies import exemptions
from policies.decision import Decision
from policies.governing import decide_for
from policies.refusals import Code, Refused, refuse
from tokens.events import RequestEvent
from tokens.models import RequestState, TokenRequest
from tokens.requests.trail import change_line, close, locked, owe_word
from tokens.texts import MAX_LENGTH, clean_required_reason


@dataclass(frozen=True, slots=True)
class Answered:
    """How many requests were answered together, and why the others were not."""

    done: int
    left: list[Refused]


@transaction.atomic
def approve(
    request: TokenRequest, *, actor: User, now: datetime, no_later_than: datetime | None = None
) -> TokenRequest:
    """Let the person make what they ask for, with an earlier end where one is given.

    Beyond their limit it makes them an exemption, for which `actor` needs `policy.edit` over them. Raises Refused.
    """
    request = _hold(request, actor)
    end = _end_of(request, no_later_than)
    people = memberships({actor.pk, request.person_id}, now=now)
    decision = decide_for({request.person_id: people[request.person_id]}, now=now)[request.person_id].decision
    decision.require_creation()
    if end is not None and decision.is_beyond(end):
        _lift_the_cap(request, end, decision, people, actor=actor)
    else:
        decision.require_expiry(end)
    request.approved_end, request.decided_at, request.decided_by = end, now, actor
    close(RequestEvent.APPROVE, request, RequestState.APPROVED, actor=actor, now=now)
    owe_word(RequestEvent.APPROVE, request, actor=actor, now=now)
    return request


@transaction.atomic
def turn_down(request: TokenRequest, *, actor: User, now: datetime, reason: str | None) -> TokenRequest:
    """Say no, and why; the asker is told. Raises Refused."""
    reason = clean_required_reason(reason)
    request = _hold(request, actor)
    request.reason, request.decided_at, request.decided_by = reason, now, actor
    close(RequestEvent.REFUSE, request, RequestState.REFUSED, actor=actor, now=now)
    owe_word(RequestEvent.REFUSE, request, actor=actor, now=now)
    return request


def approve_many(requests: Iterable[TokenRequest], *, actor: User, now: datetime) -> Answered:
    """Approve each as it was asked for; those for which that is refused stay as they are."""
    return _each(requests, lambda request: approve(request, actor=actor, now=now))


def turn_down_many(requests: Iterable[TokenRequest], *, actor: User, now: datetime, reason: str | None) -> Answered:
    """Say no to each for one reason, without which none is refused."""
    reason = clean_required_reason(reason)
    return _each(requests, lambda request: turn_down(request, actor=actor, now=now, reason=reason))


@transaction.atomic
def lapse_many(*, now: datetime, most: int) -> int:
    """Close up to `most` requests of which nothing can come any more, and tell who asked; return how many.

    Rows that somebody is answering are left to the next run.
    """
    overdue = TokenRequest.objects.overdue(now=now).order_by("pk")[:most]
    requests, lines = list(overdue.select_for_update(skip_locked=True, of=("self",))), []
    for request in requests:
        before, request.state = request.facts(), RequestState.LAPSED
        request.decided_at = request.decided_at or now
        lines.append(change_line(RequestEvent.LAPSE, request, before, actor=None, now=now))
        owe_word(RequestEvent.LAPSE, request, actor=None, now=now)
    TokenRequest.objects.bulk_update(requests, ["state", "decided_at"])
    record_many(lines)
    return len(requests)


@transaction.atomic
def _each(requests: Iterable[TokenRequest], answer: Callable[[TokenRequest], object]) -> Answered:
    requests = sorted(requests, key=lambda request: (request.person_id, request.pk))
    lock_people({request.person_id for request in requests})
    done, left = 0, []
    for request in requests:
        try:
            answer(request)
            done += 1
        except Refused as refused:
            left.append(refused)
    return Answered(done, left)


def _hold(request: TokenRequest, actor: User) -> TokenRequest:
    """Keep it still, as one that still waits and that is somebody else's."""
    lock_people([request.person_id])
    request = locked(request.pk)
    if request.person_id == actor.pk:
        raise refuse(Code.APPROVAL_OF_ONESELF)
    if request.state != RequestState.OPEN:
        raise refuse(Code.REQUEST_ANSWERED)
    return request


def _end_of(request: TokenRequest, no_later_than: datetime | None) -> datetime | None:
    if no_later_than is None:
        return request.expires_at
    if request.expires_at is not None and no_later_than > request.expires_at:
        raise refuse(Code.END_NOT_SHORTER, "expires_at")
    return no_later_than


def _lift_the_cap(
    request: TokenRequest, end: datetime, decision: Decision, people: dict[int, Membership], *, actor: User
) -> None:
    """Exempt the person for so long that a token may live until `end`."""
    approver, asker = people[actor.pk], people[request.person_id]
    if not approver.may(Permission.POLICY_EDIT, asker):
        raise refuse(Code.CAP_NEEDS_POLICY, "expires_at", date=decision.ceiling)
    account = Account.objects.get(
        pk=next(
            grant.account_id
            for grant in approver.standing.grants
            if Permission.POLICY_EDIT in grant.permissions and grant.account_id in asker.home
        )
    )
    reason = _("Request %(number)s: %(purpose)s") % {"number": request.pk, "purpose": request.purpose}
    until = end - timedelta(days=decision.cap_days or 0)
    exemptions.exempt(request.person, account, reason=reason[:MAX_LENGTH], ends_at=until, actor=actor, now=decision.now)
