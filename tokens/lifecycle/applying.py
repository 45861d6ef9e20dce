"""What a change of the rules that has begun does to the tokens of many people."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.locks import lock_many
from accounts.people import membership
from policies.applying import verdicts
from policies.models import PlannedChange
from policies.preview import may_end
from tokens.lifecycle.batches import revoke_many
from tokens.lifecycle.moving import hold_tokens
from tokens.lifecycle.shortening import shorten
from tokens.models import AccessToken
from tokens.reasons import Reason, ReasonCode


class Applied(NamedTuple):
    """How many tokens."""

    shortened: int
    revoked: int


@transaction.atomic
def apply_change(planned: PlannedChange, owner_ids: Collection[int], *, now: datetime) -> Applied:
    """Bring what these people hold under a change: as its preview said, by the same judgement.

    A second time finds nothing left to do. Tokens whose secret was made after it began obey it already.
    """
    lock_many(owner_ids)
    found, ending, actor = verdicts(planned, owner_ids, now=now), planned.ending, planned.made_by
    viewer = membership(actor, now=now) if actor else None
    ended = {pk for pk, each in found.items() if ending.revokes(each) and may_end(viewer, each.membership)}
    limits = {pk: limit for pk, each in found.items() if (limit := ending.limit(each)) and pk not in ended}
    if ended and limits:
        hold_tokens(owner_ids)
    return Applied(
        shorten(
            limits,
            lambda owner_id, token_id, end: ending.new_end(found[owner_id], token_id, end),
            made_by=planned.began_at,
            actor=actor,
            now=now,
        ),
        _revoke(planned, ended, now),
    )


def _revoke(planned: PlannedChange, owner_ids: Collection[int], now: datetime) -> int:
    held = AccessToken.objects.filter(user__in=owner_ids, secret_made_at__lte=planned.began_at).in_use(now=now)
    ids = held.values_list("pk", flat=True)
    reason = Reason(_("Who may create tokens was changed."), ReasonCode.POLICY)
    return len(revoke_many(ids, actor=planned.made_by, now=now, reason=reason))
