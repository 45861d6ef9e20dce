"""Writing to the owners of many tokens: one message to each, with the list of theirs that it is about."""

from collections.abc import Collection
from datetime import datetime

from accounts.audit import line, record_many
from tokens import notifications
from tokens.events import BulkEvent
from tokens.models import AccessToken, BulkAct


def write(act: BulkAct, token_ids: Collection[int], *, now: datetime) -> list[int]:
    """Owe the owners of these tokens what the act says, and note it with each; return the ids of whose can be reached.

    Whoever writes gets it too where a token of theirs is among them: so they see what others read.
    """
    tokens = AccessToken.objects.filter(pk__in=token_ids).exclude(user__email="")
    by_owner: dict[int, list[AccessToken]] = {}
    for token in tokens.only("user_id", "purpose", "expires_at").order_by("user_id", "pk"):
        by_owner.setdefault(token.user_id, []).append(token)
    said = {"subject": act.subject, "words": act.words, "by": act.made_by.name if act.made_by else ""}
    facts = {owner: {**said, "tokens": notifications.facts_of(theirs)} for owner, theirs in by_owner.items()}
    notifications.owe_each(BulkEvent.MAIL, facts, now=now)
    record_many(
        line(
            BulkEvent.MAIL,
            actor=act.made_by,
            now=now,
            person=owner,
            subject_id=act.pk,
            after={"subject": act.subject, "count": len(theirs)},
        )
        for owner, theirs in by_owner.items()
    )
    return [token.pk for theirs in by_owner.values() for token in theirs]
