"""What becomes of tokens when their owners are switched off: none is left that works, or could by itself."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_written
from accounts.models import User
from accounts.people import membership
from policies.governing import decision_for
from policies.refusals import Code, refuse
from tokens import journal
from tokens.events import Event
from tokens.lifecycle.batches import revoke_many
from tokens.lifecycle.issuing import issue
from tokens.lifecycle.moving import hold_tokens
from tokens.models import AccessTokenQuerySet
from tokens.reasons import Reason, ReasonCode
from tokens.scopes import offered


class Fate(StrEnum):
    """What becomes of the tokens that are not handed over."""

    END = "end"
    SUSPEND = "suspend"


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
    hold_tokens(owner_ids)
    rows: dict[str, object] = {"owners": list(owner_ids), "now": now, "actor": actor and actor.pk, "reason": reason}
    rows["code"] = str(ReasonCode.OWNER_LEFT)
    verbs = ((Event.SUSPEND, _SUSPEND), (Event.REVOKE, _REVOKE))
    written = [
        record_written(verb, act, rows, actor=actor, now=now, reason=reason, differs=True) for verb, act in verbs
    ]
    journal.owe()  # also where there is no token: the person is switched off
    return sum(map(len, written))


@transaction.atomic
def hand_over(
    owner: User, tokens: AccessTokenQuerySet, *, to: User, actor: User, now: datetime, reason: str = ""
) -> int:
    """End tokens of `owner`; for each, one for the same purpose waits for the successor. Return how many.

    Its secret goes nowhere: the successor makes one in their browser, so that nobody else ever sees it (R6). It obeys
    their limit, and holds of the scopes what they may. Raises Refused for what they may not have. The caller has locked
    both people.
    """
    hold_tokens([owner.pk])
    decision, given = decision_for(to, now=now), list(tokens.order_by("pk"))
    may = frozenset(name for name, _words in offered(decision, membership(to, now=now).standing))
    for token in given:
        issue(
            to,
            purpose=token.purpose,
            expires_at=decision.clamped(token.expires_at),
            scopes=_inherited(token.scopes, may),
            actor=actor,
            now=now,
            formerly=owner.name,
        )
    words = _("Handed over to %(name)s.") % {"name": to.name}
    why = Reason(f"{words} {reason}".strip()[:255], ReasonCode.OWNER_LEFT)
    return len(revoke_many([token.pk for token in given], actor=actor, now=now, reason=why))


def _inherited(scopes: Collection[str], may: Collection[str]) -> list[str]:
    """What is left of the scopes; never nothing where there was something, for that would be everything."""
    kept = [scope for scope in scopes if scope in may]
    if scopes and not kept:
        raise refuse(Code.SCOPE_NOT_INHERITED, "to", scope=", ".join(scopes))
    return kept
