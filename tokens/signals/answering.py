"""What people say of a flag: its owner what it was, an administrator what to think of it. Nothing else happens."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import record
from accounts.locks import lock_people
from accounts.models import User
from policies.refusals import Code, refuse
from tokens.events import FlagEvent
from tokens.models import Flag, FlagState
from tokens.texts import clean_reason, clean_required_reason


@transaction.atomic
def explain(flag: Flag, words: str | None, *, actor: User, now: datetime) -> Flag:
    """Keep the owner's words, in place of earlier ones. Raises Refused(flag_decided or reason_*)."""
    words = clean_required_reason(words, "words")
    flag = _hold(flag)
    if flag.words == words:
        return flag
    before = {"state": flag.state, "words": flag.words}
    flag.state, flag.words, flag.explained_at = FlagState.EXPLAINED, words, now
    return _save(FlagEvent.EXPLAIN, flag, before, actor=actor, now=now, words=words)


@transaction.atomic
def confirm(flag: Flag, *, actor: User, now: datetime, reason: str | None = None) -> Flag:
    """Say that it is misuse; what follows for the token is another act. Raises Refused."""
    return _decide(FlagEvent.CONFIRM, FlagState.CONFIRMED, flag, actor=actor, now=now, reason=clean_reason(reason))


@transaction.atomic
def dismiss(flag: Flag, *, actor: User, now: datetime, reason: str | None) -> Flag:
    """Say that it is none, and why. Raises Refused."""
    reason = clean_required_reason(reason)
    return _decide(FlagEvent.DISMISS, FlagState.DISMISSED, flag, actor=actor, now=now, reason=reason)


def _decide(event: FlagEvent, state: FlagState, flag: Flag, *, actor: User, now: datetime, reason: str) -> Flag:
    flag = _hold(flag)
    if flag.token.user_id == actor.pk:
        raise refuse(Code.FLAG_OF_ONESELF)
    before = {"state": flag.state}
    flag.state, flag.decided_by, flag.decided_at, flag.reason = state, actor, now, reason
    return _save(event, flag, before, actor=actor, now=now)


def _hold(flag: Flag) -> Flag:
    """Keep it still, as one that nobody has decided."""
    lock_people([flag.token.user_id])
    flag = Flag.objects.select_for_update(of=("self",)).select_related("token__user").get(pk=flag.pk)
    if not flag.is_undecided:
        raise refuse(Code.FLAG_DECIDED)
    return flag


def _save(event: FlagEvent, flag: Flag, before: dict[str, Any], *, actor: User, now: datetime, **after: Any) -> Flag:
    flag.save(force_update=True)
    record(
        event,
        actor=actor,
        now=now,
        person=flag.token.user_id,
        subject_id=flag.pk,
        before=before,
        after={"purpose": flag.token.purpose, "rule": flag.rule, "state": flag.state, **after},
        reason=flag.reason,
    )
    return flag
