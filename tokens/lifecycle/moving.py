"""Many tokens from one state to another, or to an earlier end: one statement moves them, with their lines."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from accounts.audit import moment, record_written
from accounts.models import User
from accounts.prepared import fetch_all
from tokens import journal, notifications
from tokens.events import Event
from tokens.models import OPEN, State
from tokens.reasons import Reason

# From which states a verb takes tokens, and to which. What has ended by the clock only can still be revoked.
_ARROWS = {
    Event.REVOKE: ((*OPEN, State.EXPIRED), State.REVOKED),
    Event.SUSPEND: ((State.ACTIVE,), State.SUSPENDED),
    Event.RESUME: ((State.SUSPENDED,), State.ACTIVE),
}
_LOCK = """
    SELECT id, user_id, purpose, expires_at FROM tokens_accesstoken
    WHERE id = ANY(%s::bigint[]) AND state = ANY(%s::text[])
        AND (%s::boolean OR expires_at IS NULL OR expires_at > %s::timestamptz)
    ORDER BY id FOR NO KEY UPDATE
"""
_MOVE = """
    UPDATE tokens_accesstoken t SET state = %(state)s, updated_at = %(now)s{revoked}
    FROM tokens_accesstoken before
    WHERE t.id = ANY(%(ids)s) AND before.id = t.id
    RETURNING t.user_id, NULL::bigint, t.id,
        jsonb_build_object('state', before.state), jsonb_build_object('state', %(state)s::text) || %(facts)s::jsonb
"""
_REVOKED = """, revoked_at = %(now)s, revoked_by_id = %(actor)s, revoked_reason = %(reason)s,
        revoked_code = %(code)s, revoked_is_confidential = %(is_confidential)s"""


_LOCK_LONGER = f"""
    SELECT id, user_id, purpose, %s::timestamptz FROM tokens_accesstoken
    WHERE id = ANY(%s::bigint[]) AND state IN {tuple(map(str, OPEN))}
        AND (expires_at IS NULL OR (expires_at > %s AND expires_at > %s))
    ORDER BY id FOR NO KEY UPDATE
"""  # noqa: S608  # ours
_SHORTEN = """
    UPDATE tokens_accesstoken t SET expires_at = %(end)s, updated_at = %(now)s
    FROM tokens_accesstoken before
    WHERE t.id = ANY(%(ids)s) AND before.id = t.id
    RETURNING t.user_id, NULL::bigint, t.id, jsonb_build_object('expires_at', to_char(
            date_trunc('second', before.expires_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
        jsonb_build_object('expires_at', %(after)s::text) || %(facts)s::jsonb
"""


_HOLD = f"""
    SELECT id FROM tokens_accesstoken WHERE user_id = ANY(%s::bigint[]) AND state IN {tuple(map(str, OPEN))}
    ORDER BY id FOR NO KEY UPDATE
"""  # noqa: S608  # ours


class Moved(NamedTuple):
    """A token that moves: all that the word to its owner needs."""

    pk: int
    user_id: int
    purpose: str
    expires_at: datetime | None


def hold_tokens(owner_ids: Collection[int]) -> None:
    """Lock all tokens of these people that have not ended, whom the caller has locked.

    For whoever is about to change some of them and then others: every act on many tokens takes them in the order of
    their ids, and one that took them in another order would wait in a circle with an act that needs no lock on people.
    """
    fetch_all(_HOLD, [list(owner_ids)])


@transaction.atomic
def move(event: Event, token_ids: Iterable[int], *, actor: User | None, now: datetime, reason: Reason) -> list[int]:
    """Take those tokens along the arrow of `event` that stand at its beginning; return their ids."""
    states, state = _ARROWS[event]
    asked = [list(token_ids), [str(each) for each in states], event == Event.REVOKE, now]
    moved = [Moved._make(row) for row in fetch_all(_LOCK, asked)]
    if moved:
        ids = [each.pk for each in moved]
        params = {"ids": ids, "state": str(state), "now": now, **_of(reason, actor)}
        statement = _MOVE.format(revoked=_REVOKED if event == Event.REVOKE else "")
        record_written(event, statement, params, actor=actor, now=now, reason=reason.text, differs=True)
        notifications.owe(event, moved, actor=actor, now=now, **reason.told)
        journal.owe()
        return ids
    return []


@transaction.atomic
def shorten_many(
    token_ids: Iterable[int], end: datetime, *, actor: User | None, now: datetime, reason: Reason
) -> list[int]:
    """Give those tokens an earlier end that would live longer; return their ids. The end lies in the future."""
    moved = [Moved._make(row) for row in fetch_all(_LOCK_LONGER, [end, list(token_ids), end, now])]
    if moved:
        ids = [each.pk for each in moved]
        params = {"ids": ids, "end": end, "after": moment(end), "now": now, "facts": json.dumps(reason.facts)}
        record_written(Event.UPDATE, _SHORTEN, params, actor=actor, now=now, reason=reason.text, differs=True)
        notifications.owe(Event.UPDATE, moved, actor=actor, now=now, **reason.told)
        journal.owe()
        return ids
    return []


def _of(reason: Reason, actor: User | None) -> dict[str, Any]:
    return {
        "actor": actor.pk if actor else None,
        "reason": reason.text,
        "code": reason.code,
        "is_confidential": reason.is_confidential,
        "facts": json.dumps(reason.facts),
    }
