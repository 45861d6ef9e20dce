"""What becomes of the tokens of a class after they were made: those who wait are reminded, and all are revoked."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.audit import record
from accounts.models import User
from policies.refusals import Code, refuse
from tokens import lifecycle, notifications
from tokens.classes.making import locked
from tokens.events import ClassEvent
from tokens.models import AccessToken, ClassIssue, State
from tokens.reasons import NO_REASON, Reason

_ONCE_IN = timedelta(days=1)


def remind_from(issue: ClassIssue) -> datetime:
    """From when on those who wait may be told again: a day after they were told last."""
    return max(issue.made_at, issue.reminded_at or issue.made_at) + _ONCE_IN


@transaction.atomic
def remind(issue: ClassIssue, *, actor: User, now: datetime) -> int:
    """Tell those again who have not picked theirs up, at most once a day; return how many.

    Raises Refused(reminded_today), also on the day on which they were told that there is something to pick up.
    """
    issue = locked(issue.pk)
    if now < remind_from(issue):
        raise refuse(Code.REMINDED_TODAY)
    left = list(AccessToken.objects.filter(class_item__issue=issue, state=State.PENDING).in_use(now=now).order_by("pk"))
    said = {"by": actor.name, "course": issue.course.code}
    facts = {token.user_id: {**said, "tokens": notifications.facts_of([token])} for token in left}
    notifications.owe_each(ClassEvent.REMIND, facts, now=now)
    issue.reminded_at = now
    issue.save(update_fields=["reminded_at"])
    after = {"course": issue.course.code, "purpose": issue.purpose, "students": len(left)}
    record("class.remind", actor=actor, now=now, account=issue.course.account, subject_id=issue.pk, after=after)
    return len(left)


@transaction.atomic
def revoke(issue: ClassIssue, *, actor: User, now: datetime, reason: Reason = NO_REASON) -> int:
    """End every token of the class, picked up or not, and make no more of them; return how many that ended.

    Those only: whatever else the students hold is not a teacher's. A second time changes nothing.
    """
    issue = locked(issue.pk)
    if issue.revoked_at is not None:
        return 0
    issue.revoked_at = now
    issue.save(update_fields=["revoked_at"])
    ids = AccessToken.objects.filter(class_item__issue=issue).in_use(now=now).values_list("pk", flat=True)
    ended = lifecycle.revoke_many(ids, actor=actor, now=now, reason=reason)
    after = {"course": issue.course.code, "purpose": issue.purpose, "students": len(ended)}
    record(
        "class.revoke",
        actor=actor,
        now=now,
        account=issue.course.account,
        subject_id=issue.pk,
        after=after,
        reason=reason.text,
    )
    return len(ended)
