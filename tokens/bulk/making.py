"""Making an act on many tokens: which they are is settled then, by one statement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.audit import moment, record
from accounts.models import Account, User
from policies.refusals import Code, refuse
from tokens.models import AccessTokenQuerySet, BulkAct, BulkKind
from tokens.reasons import NO_REASON, Reason
from tokens.texts import clean_message, clean_subject


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants done: why, by which filters the tokens were found, under which key it is done once."""

    kind: BulkKind
    reason: Reason = NO_REASON
    filters: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    ends_at: datetime | None = None  # the new end, for SHORTEN
    account: Account | None = None
    subject: str = ""  # of what is written to the owners, and its text, for MAIL
    words: str = ""


@transaction.atomic
def make(wish: Wish, tokens: AccessTokenQuerySet, *, actor: User | None, now: datetime) -> BulkAct:
    """Note an act on these tokens, for `carry_out` to do; the same key of the same person names the act it made first.

    Whether `actor` may do it to a token is asked when it is done; without one it is the operator's own. Raises
    Refused(expiry_in_past) for a new end that is no end to come, or message_* for what cannot be written.
    """
    if wish.kind == BulkKind.SHORTEN and (wish.ends_at is None or wish.ends_at <= now):
        raise refuse(Code.EXPIRY_IN_PAST, "expires_at")
    facts = {
        "kind": wish.kind,
        "account": wish.account,
        "filters": dict(wish.filters),
        "reason": wish.reason.text,
        "reason_code": wish.reason.code,
        "is_confidential": wish.reason.is_confidential,
        "ends_at": wish.ends_at,
        "subject": clean_subject(wish.subject) if wish.kind == BulkKind.MAIL else "",
        "words": clean_message(wish.words) if wish.kind == BulkKind.MAIL else "",
        "made_at": now,
    }
    if not wish.key:
        return _fill(BulkAct.objects.create(made_by=actor, **facts), tokens)
    act, is_new = BulkAct.objects.get_or_create(made_by=actor, key=wish.key, defaults=facts)
    return _fill(act, tokens) if is_new else act


def _fill(act: BulkAct, tokens: AccessTokenQuerySet) -> BulkAct:
    act.size = _take(act, tokens)
    act.save(update_fields=["size"])
    after = {"kind": str(act.kind), "count": act.size, **act.why.facts}
    if act.ends_at:
        after["expires_at"] = moment(act.ends_at)
    if act.subject:
        after |= {"subject": act.subject, "words": act.words}
    record(
        "bulk.make",
        actor=act.made_by,
        now=act.made_at,
        account=act.account,
        subject_id=act.pk,
        after=after,
        reason=act.reason,
    )
    return act


def _take(act: BulkAct, tokens: AccessTokenQuerySet) -> int:
    """Write the tokens down; how many they are."""
    found, params = tokens.order_by().values("pk", "user_id").query.sql_with_params()
    statement = f"""
        INSERT INTO tokens_bulkitem (act_id, token_id, owner_id, outcome, why)
        SELECT %s, found.id, found.user_id, '', '' FROM ({found}) AS found (id, user_id)
    """  # noqa: S608  # a statement of Django's own
    with connection.cursor() as cursor:
        cursor.execute(statement, [act.pk, *params])
        return int(cursor.rowcount)
