"""Pausing and lifting: one row, its line in the trail, in force with the commit. No token is touched."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.audit import record
from accounts.models import User
from accounts.people import membership
from accounts.roles import Standing
from policies.refusals import Code, Gathered, refuse
from tokens import journal
from tokens.emergency.covering import covered
from tokens.emergency.reach import Target, may_lift
from tokens.events import PauseEvent
from tokens.models import Pause
from tokens.reasons import NO_REASON, Reason
from tokens.texts import clean_sentence


@transaction.atomic
def pause(
    target: Target,
    *,
    reason: str | None = "",
    reason_code: str | None = "",
    words: str | None = "",
    actor: User | None,
    now: datetime,
) -> Pause:
    """Stop the tokens of all whom `target` names, those that are made meanwhile too, until the pause is lifted.

    A code or words of one's own say why; `words` are what owners read beside it. A job tells them. Raises
    Refused(already_paused, reason_* or words_*).
    """
    why, said = _cleaned(reason, reason_code, words)
    made = Pause(
        whom=target.whom,
        account=target.account,
        base=target.base or "",
        course=target.course,
        rights=None if target.rights is None else sorted(target.rights),
        reason=why.text,
        reason_code=why.code,
        words=said,
        made_by=actor,
        made_at=now,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise refuse(Code.ALREADY_PAUSED) from error
    made.figures = covered(made.stop, now=now).facts()
    made.save(update_fields=["figures"])
    _record(PauseEvent.ADD, made, actor=actor, now=now, after={**made.facts(), **made.figures}, reason=made.reason)
    journal.owe()
    return made


@transaction.atomic
def lift(made: Pause, *, actor: User | None, now: datetime) -> Pause:
    """Let those tokens work again from the next request on, unless another pause stops them.

    Raises Refused(pause_lifted), PermissionDenied for who does not reach all whom it stops.
    """
    made = Pause.objects.select_for_update(of=("self",)).select_related("account", "course", "made_by").get(pk=made.pk)
    if not may_lift(_standing(actor, now), made):
        raise PermissionDenied
    if made.lifted_at is not None:
        raise refuse(Code.PAUSE_LIFTED)
    made.lifted_by, made.lifted_at = actor, max(now, made.made_at)  # the clock may have been ahead when it was made
    made.save(update_fields=["lifted_by", "lifted_at"])
    _record(PauseEvent.LIFT, made, actor=actor, now=now, before=made.facts())
    journal.owe()
    return made


def _cleaned(reason: str | None, reason_code: str | None, words: str | None) -> tuple[Reason, str]:
    why, said = NO_REASON, ""
    with Gathered() as gathered:
        with gathered:
            why = Reason.given(" ".join((reason or "").split()), reason_code)
            if why == NO_REASON:
                raise refuse(Code.REASON_MISSING, "reason")
        with gathered:
            said = clean_sentence(words, "words")
    gathered.require()
    return why, said


def _standing(actor: User | None, now: datetime) -> Standing | None:
    return None if actor is None else membership(actor, now=now).standing


def _record(event: PauseEvent, made: Pause, **facts: object) -> None:
    record(event, account=made.account, subject_id=made.pk, **facts)  # type: ignore[arg-type]
