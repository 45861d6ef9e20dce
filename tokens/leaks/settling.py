"""What becomes of a token whose secret is in the open: revoked or suspended, as its owner's policy says."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.locks import lock_people
from policies.governing import governed
from policies.rules import Leaked
from tokens import lifecycle, notifications
from tokens.events import LeakEvent
from tokens.models import OPEN, AccessToken, State, SupersededSecret
from tokens.models.leak import FoundBy, Leak, Outcome
from tokens.reasons import Reason, ReasonCode
from tokens.usage.reading import summary_of

MOST_NAMED = 10  # places in a mail
_DAYS = 30
_REASON = Reason(code=ReasonCode.LEAKED)


def settle_in_batches(*, now: datetime) -> Iterator[bool]:
    """Deal with what is open, a token at a time and each in a transaction of its own; say whether it was stopped."""
    ids = Leak.objects.filter(settled_at=None).order_by("token_id").values_list("token_id", flat=True).distinct()
    for token_id in list(ids):
        yield _settle(token_id, now)


@transaction.atomic
def _settle(token_id: int, now: datetime) -> bool:
    """Deal with all open reports of one token. Its owner is locked, so that no new secret slips in between."""
    lock_people(list(AccessToken.objects.filter(pk=token_id).values_list("user_id", flat=True)))
    token = AccessToken.objects.select_related("user").get(pk=token_id)
    leaks = list(Leak.objects.filter(token=token, settled_at=None).select_for_update().order_by("pk"))
    of_present = [leak for leak in leaks if leak.lookup_id == token.lookup_id]
    _stop_earlier(token, leaks, now)
    outcome = _stop(token, now) if of_present else Outcome.REPLACED
    for leak in leaks:
        leak.outcome, leak.settled_at = outcome if leak in of_present else Outcome.REPLACED, now
    Leak.objects.bulk_update(leaks, ["outcome", "settled_at"])
    is_stopped = outcome in (Outcome.REVOKED, Outcome.SUSPENDED)
    if is_stopped:
        _tell(token, of_present, outcome, now)
    return is_stopped


def _stop(token: AccessToken, now: datetime) -> Outcome:
    """Stop a token. One that waits for its owner cannot be suspended, and what nobody has used yet is no loss."""
    state = token.state_at(now)
    if state not in OPEN:
        return Outcome.ENDED
    wish = governed(token.user, now=now).rules.leaked_tokens
    if wish == Leaked.REVOKE or state == State.PENDING:
        lifecycle.revoke_many([token.pk], actor=None, now=now, reason=_REASON)
        return Outcome.REVOKED
    if state == State.ACTIVE:
        lifecycle.suspend_many([token.pk], actor=None, now=now, reason=_REASON)
    return Outcome.SUSPENDED


def _stop_earlier(token: AccessToken, leaks: list[Leak], now: datetime) -> None:
    """Stop a secret in the open that a rotation has put aside and lets work on; the present one is not harmed by it."""
    named = {leak.lookup_id for leak in leaks}
    if SupersededSecret.objects.filter(token=token, lookup_id__in=named, works_until__gt=now).exists():
        lifecycle.end_overlap(token, actor=None, now=now, reason=_REASON)


def _tell(token: AccessToken, leaks: list[Leak], outcome: Outcome, now: datetime) -> None:
    """Owe the owner a word: where it was found, what was done, and what the token has done of late."""
    use = summary_of(token, now=now, days=_DAYS)
    facts: dict[str, Any] = {
        "tokens": notifications.facts_of([token]),
        "outcome": outcome.value,
        "by_scanner": any(leak.found_by == FoundBy.SCANNER for leak in leaks),
        "places": [leak.url or leak.place for leak in leaks if leak.url or leak.place][:MOST_NAMED],
        "requests": use.accepted,
        "refused": use.refused,
        "addresses": [[address, count] for address, count in use.addresses[:MOST_NAMED]],
    }
    notifications.owe_each(LeakEvent.FOUND, {token.user_id: facts}, now=now)
