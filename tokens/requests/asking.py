"""Asking for a token, and thinking better of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from accounts.locks import lock_people
from accounts.models import User
from policies.decision import Decision
from policies.expiry import end_of_day
from policies.governing import Governed, governed
from policies.models.exemption import LONGEST_EXEMPTION
from policies.refusals import Code, Gathered, refuse
from tokens.events import RequestEvent
from tokens.models import MOST_OPEN, RequestState, TokenRequest
from tokens.requests.trail import change_line, close, locked
from tokens.scopes import clean_scopes
from tokens.texts import clean_purpose, clean_required_reason


def latest_end(known: Governed) -> datetime | None:
    """The latest end that a person can ask for; None where no limit holds for them."""
    decision = known.decision
    if decision.cap_days is None or decision.ceiling is None or not known.rules.longer_on_request:
        return decision.ceiling
    return max(decision.ceiling, decision.now + LONGEST_EXEMPTION + timedelta(days=decision.cap_days))


@transaction.atomic
def ask(
    person: User,
    *,
    purpose: str | None,
    why: str | None,
    expires_at: datetime | None,
    scopes: Iterable[str] = (),
    now: datetime,
) -> TokenRequest:
    """Ask for a token; the policy may approve it at once. What waits already is not asked for a second time.

    Raises Refused, for all that is wrong with what is asked for.
    """
    [person] = lock_people([person.pk])
    known = governed(person, now=now)
    _require_asker(person, known.decision)
    request = TokenRequest(person=person, made_at=now)
    with Gathered() as gathered:
        with gathered:
            request.purpose = clean_purpose(purpose)
        with gathered:
            _require_end(expires_at, known)
            request.expires_at = expires_at
        with gathered:
            request.scopes = clean_scopes(scopes, known.membership.standing, known.decision)
        with gathered:
            request.why = clean_required_reason(why, "why")
    gathered.require()
    return _find_same(request) or _make(request, known)


@transaction.atomic
def withdraw(request: TokenRequest, *, actor: User, now: datetime) -> TokenRequest:
    """Want it no more; also an approved one that was not used. `actor` must be who asked. Raises Refused."""
    lock_people([request.person_id])
    request = locked(request.pk)
    if request.state not in (RequestState.OPEN, RequestState.APPROVED):
        raise refuse(Code.REQUEST_ANSWERED)
    request.decided_at = request.decided_at or now
    return close(RequestEvent.WITHDRAW, request, RequestState.WITHDRAWN, actor=actor, now=now)


def _require_asker(person: User, decision: Decision) -> None:
    decision.require_creation()
    if not person.is_active:
        raise refuse(Code.INACTIVE_OWNER)


def _require_end(expires_at: datetime | None, known: Governed) -> None:
    """As for a token made now, except that it may lie beyond the limit where the policy lets people ask for that."""
    decision, latest = known.decision, latest_end(known)
    if expires_at is None or expires_at <= decision.now or latest == decision.ceiling:
        decision.require_expiry(expires_at)
    elif latest is not None and expires_at > latest:
        raise refuse(Code.REQUEST_TOO_LONG, "expires_at", date=latest)
    if not decision.needs_approval and not decision.is_beyond(expires_at):
        raise refuse(Code.APPROVAL_NOT_NEEDED)


def _find_same(wanted: TokenRequest) -> TokenRequest | None:
    """The form that was sent twice, by a double click or the back button."""
    same = {name: getattr(wanted, name) for name in ("person", "purpose", "expires_at", "scopes")}
    return TokenRequest.objects.waiting().filter(**same).first()


def _make(request: TokenRequest, known: Governed) -> TokenRequest:
    now = request.made_at
    if TokenRequest.objects.waiting().filter(person=request.person).count() >= MOST_OPEN:
        raise refuse(Code.TOO_MANY_REQUESTS, most=MOST_OPEN)
    request.save(force_insert=True)
    change_line(RequestEvent.ASK, request, {}, actor=request.person, now=now).save(force_insert=True)
    if _is_approved_at_once(request, known):
        request.decided_at, request.approved_end = now, request.expires_at
        return close(RequestEvent.APPROVE, request, RequestState.APPROVED, actor=None, now=now)
    return request


def _is_approved_at_once(request: TokenRequest, known: Governed) -> bool:
    """Whether it is to live no longer than the policy trusts anybody with, its last day to the end; never for ever."""
    days, end = known.rules.auto_approve_days, request.expires_at
    if not days or end is None or known.decision.is_beyond(end):
        return False
    zone = request.person.zone
    return end <= end_of_day((request.made_at + timedelta(days=days)).astimezone(zone).date(), zone)
