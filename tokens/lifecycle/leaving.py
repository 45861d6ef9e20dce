"""What becomes of tokens when their owners are switched off: none is left that works, or could by itself."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.audit import record_written
from accounts.models import User
from tokens.events import Event
from tokens.reasons import ReasonCode

# Whatever the clock says: what is past its end but not yet noted as expired would look alive to the database.
_HELD = """
    SELECT id FROM tokens_accesstoken WHERE user_id = ANY(%(owners)s) AND state = '{state}'
    ORDER BY id FOR NO KEY UPDATE
"""
_SUSPEND = f"""
    UPDATE tokens_accesstoken t SET state = 'suspended', updated_at = %(now)s
    FROM ({_HELD.format(state="active")}) AS held WHERE t.id = held.id
    RETURNING t.user_id, NULL::bigint, t.id, '{{"state": "active"}}'::jsonb,
        jsonb_build_object('state', 'suspended', 'reason_code', %(code)s::text)
"""  # noqa: S608  # ours
# What waits for its owner has never worked; there is nothing in it to resume.
_REVOKE = f"""
    UPDATE tokens_accesstoken t
    SET state = 'revoked', revoked_at = %(now)s, revoked_by_id = %(actor)s, revoked_reason = %(reason)s,
        revoked_code = %(code)s, updated_at = %(now)s
    FROM ({_HELD.format(state="pending")}) AS held WHERE t.id = held.id
    RETURNING t.user_id, NULL::bigint, t.id, '{{"state": "pending"}}'::jsonb,
        jsonb_build_object('state', 'revoked', 'reason_code', %(code)s::text)
"""  # noqa: S608  # ours


@transaction.atomic
def stop_all(owner_ids: Collection[int], *, actor: User | None, now: datetime, reason: str = "") -> int:
    """Suspend what works for these people and revoke what waits for them; return how many tokens.

    The caller has locked them. The word that goes to them is about their sign-in, not about each token.
    """
    rows: dict[str, object] = {"owners": list(owner_ids), "now": now, "actor": actor and actor.pk, "reason": reason}
    rows["code"] = str(ReasonCode.OWNER_LEFT)
    verbs = ((Event.SUSPEND, _SUSPEND), (Event.REVOKE, _REVOKE))
    written = [
        record_written(verb, act, rows, actor=actor, now=now, reason=reason, differs=True) for verb, act in verbs
    ]
    return sum(map(len, written))
