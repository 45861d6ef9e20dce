"""Earlier ends for many tokens: Python decides each, one statement writes a batch of them with their lines."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from accounts.audit import moment, record_written
from accounts.models import User
from accounts.prepared import fetch_all, fetch_one
from tokens import notifications
from tokens.events import Event
from tokens.models import OPEN

# What was made after `made_by` obeys the rules that held then, though it may live past a limit that is counted from it.
_BEYOND = f"""
    SELECT t.id, user_id, t.purpose, t.expires_at
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS limited (user_id, latest) JOIN tokens_accesstoken t USING (user_id)
    WHERE t.state IN {tuple(map(str, OPEN))} AND (t.expires_at IS NULL OR t.expires_at > latest)
        AND t.secret_made_at <= %s
    ORDER BY t.id FOR NO KEY UPDATE OF t
"""  # noqa: S608  # ours; words of the statement, so that the index of open tokens is known to fit
# What the rules shorten is not journaled, they shorten it again: migration 0042.
_CLAMPING = "SELECT set_config('tokenportal.clamping', %s, true)"
_SHORTEN = """
    UPDATE tokens_accesstoken t SET expires_at = cut.expires_at, updated_at = %(now)s
    FROM jsonb_to_recordset(%(cuts)s) AS cut (id bigint, expires_at timestamptz, before text, after text)
    WHERE t.id = cut.id
    RETURNING t.user_id, NULL::bigint, t.id,
        jsonb_build_object('expires_at', cut.before), jsonb_build_object('expires_at', cut.after)
"""
# The end that a token (its owner, its id, its end of today) comes to.
NewEnd = Callable[[int, int, datetime | None], datetime | None]


class _Cut(NamedTuple):
    """A token that is to end earlier: all that its line and the word to its owner need."""

    pk: int
    user_id: int
    purpose: str
    before: datetime | None
    expires_at: datetime | None


def shorten(
    limits: Mapping[int, datetime], new_end: NewEnd, *, made_by: datetime, actor: User | None, now: datetime
) -> int:
    """Give the tokens that live past their owner's limit a new end; return how many.

    `limits` are by owner, whom the caller holds; tokens whose secret is younger than `made_by` are left alone.
    """
    cuts = [
        _Cut(pk, owner_id, purpose, before, end)
        for pk, owner_id, purpose, before in fetch_all(_BEYOND, [list(limits), list(limits.values()), made_by])
        if (end := new_end(owner_id, pk, before)) != before
    ]
    if cuts:
        rows = {"cuts": json.dumps([_written(cut) for cut in cuts]), "now": now}
        fetch_one(_CLAMPING, ["on"])
        record_written(Event.CLAMP, _SHORTEN, rows, actor=actor, now=now, differs=True)
        fetch_one(_CLAMPING, ["off"])
        notifications.owe(Event.CLAMP, cuts, actor=None, now=now)
    return len(cuts)


def _written(cut: _Cut) -> dict[str, Any]:
    """A row for _SHORTEN."""
    end = cut.expires_at and cut.expires_at.isoformat()
    return {"id": cut.pk, "expires_at": end, "before": moment(cut.before), "after": moment(cut.expires_at)}
