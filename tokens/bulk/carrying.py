"""Carrying acts out: each batch is one transaction with what came of its tokens, so that nothing is done twice."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.audit import record
from accounts.models import User
from accounts.people import membership, memberships
from accounts.prepared import fetch_all
from accounts.roles import Permission
from tokens import lifecycle
from tokens.bulk import mailing
from tokens.models import BulkAct, BulkKind
from tokens.permissions import owners_to_end_for

BATCH = 2000  # tokens, and whatever else the last of their owners holds: who is told is told once
_MOVES: Mapping[str, Callable[..., list[int]]] = {
    BulkKind.REVOKE: lifecycle.revoke_many,
    BulkKind.SUSPEND: lifecycle.suspend_many,
    BulkKind.RESUME: lifecycle.resume_many,
}
_NEXT = """
    SELECT token_id, owner_id FROM tokens_bulkitem
    WHERE act_id = %s AND outcome = '' AND owner_id <= (
        SELECT max(owner_id) FROM (
            SELECT owner_id FROM tokens_bulkitem WHERE act_id = %s AND outcome = '' ORDER BY owner_id, token_id LIMIT %s
        ) AS first
    )
    ORDER BY owner_id, token_id
"""
_NOTE = """
    UPDATE tokens_bulkitem SET
        outcome = CASE WHEN token_id = ANY(%(done)s) THEN 'done' ELSE 'left' END,
        why = CASE WHEN token_id = ANY(%(done)s) THEN '' WHEN NOT owner_id = ANY(%(theirs)s) THEN 'rights'
            WHEN %(is_mail)s THEN 'mail' ELSE 'state' END
    WHERE act_id = %(act)s AND token_id = ANY(%(asked)s)
"""


def carry_out(act_id: int, *, clock: Callable[[], datetime], batch: int = BATCH) -> Iterator[int]:
    """Do what is left of an act, batch by batch; yields how many tokens each one came to."""
    while count := _carry_out_some(act_id, batch, now=clock()):
        yield count


@transaction.atomic
def _carry_out_some(act_id: int, most: int, *, now: datetime) -> int:
    act = _locked(act_id)
    if act.finished_at:
        return 0
    asked: list[Any] = fetch_all(_NEXT, [act_id, act_id, most])
    if not asked:
        act.finished_at = now
        act.save(update_fields=["finished_at"])
        return 0
    theirs = _in_reach(act, {owner_id for _token_id, owner_id in asked}, now=now)
    ids = [token_id for token_id, owner_id in asked if owner_id in theirs]
    done = _do(act, ids, now)
    params: dict[str, Any] = {
        "act": act_id,
        "asked": [pk for pk, _owner_id in asked],
        "done": done,
        "theirs": list(theirs),
        "is_mail": act.kind == BulkKind.MAIL,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, params)
    act.done, act.left = act.done + len(done), act.left + len(asked) - len(done)
    act.save(update_fields=["done", "left"])
    return len(asked)


def _do(act: BulkAct, ids: list[int], now: datetime) -> list[int]:
    if act.kind == BulkKind.MAIL:
        return mailing.write(act, ids, now=now)
    if act.kind == BulkKind.SHORTEN and act.ends_at:
        return lifecycle.shorten_many(ids, act.ends_at, actor=act.made_by, now=now, reason=act.why)
    return _MOVES[act.kind](ids, actor=act.made_by, now=now, reason=act.why)


@transaction.atomic
def stop(act: BulkAct, *, actor: User, now: datetime) -> BulkAct:
    """Do no more of an act; what is done stays done. Stopping what has come to its end changes nothing."""
    act = _locked(act.pk)
    if act.finished_at is None:
        act.finished_at = act.stopped_at = now
        act.save(update_fields=["finished_at", "stopped_at"])
        after = {"count": act.looked_at}
        record("bulk.stop", actor=actor, now=now, account=act.account, subject_id=act.pk, after=after)
    return act


def _locked(act_id: int) -> BulkAct:
    """An act that nobody else goes on with."""
    rows = BulkAct.objects.select_related("made_by", "account").select_for_update(of=("self",))
    return rows.get(pk=act_id)


def _in_reach(act: BulkAct, owner_ids: set[int], *, now: datetime) -> set[int]:
    """Those of the owners to whose tokens whoever made the act may do it today."""
    if act.made_by is None:
        return owner_ids
    if not act.made_by.is_active:
        return set()
    owners = memberships(owner_ids, now=now)
    known = membership(act.made_by, now=now)
    if act.kind == BulkKind.REVOKE:
        return owners_to_end_for(act.made_by, known, owners)
    # One's own tokens too are stopped and shortened here by who holds that right over oneself.
    return {pk for pk, owner in owners.items() if known.may(Permission.TOKENS_DELETE, owner)}
