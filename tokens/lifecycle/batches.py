"""The verbs on many tokens: for jobs, bulk actions and whole people."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from accounts.audit import moment, record_many, record_written
from accounts.locks import lock_many, lock_people
from accounts.models import User
from accounts.prepared import fetch_all
from policies.decision import Decision
from policies.governing import governed_many
from tokens import notifications
from tokens.events import Event
from tokens.lifecycle.trail import change_line
from tokens.models import OPEN, AccessToken, AccessTokenQuerySet, State
from tokens.texts import clean_reason

# A change of policy reaches hundreds of thousands of tokens: Python decides each end, one statement writes a batch of
# them with their lines.
_BEYOND = f"""
    SELECT t.id, user_id, t.purpose, t.expires_at
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS capped (user_id, ceiling) JOIN tokens_accesstoken t USING (user_id)
    WHERE t.state IN {tuple(map(str, OPEN))} AND (t.expires_at IS NULL OR t.expires_at > ceiling)
    ORDER BY t.id FOR NO KEY UPDATE OF t
"""  # noqa: S608  # ours; words of the statement, so that the index of open tokens is known to fit
_SHORTEN = """
    UPDATE tokens_accesstoken t SET expires_at = cut.expires_at, updated_at = %(now)s
    FROM jsonb_to_recordset(%(cuts)s) AS cut (id bigint, expires_at timestamptz, before text, after text)
    WHERE t.id = cut.id
    RETURNING t.user_id, NULL::bigint, t.id,
        jsonb_build_object('expires_at', cut.before), jsonb_build_object('expires_at', cut.after)
"""


class _Cut(NamedTuple):
    """A token that is to end earlier: all that its line and the word to its owner need."""

    pk: int
    user_id: int
    purpose: str
    before: datetime | None
    expires_at: datetime | None


@transaction.atomic
def revoke_many(token_ids: Iterable[int], *, actor: User | None, now: datetime, reason: str | None = "") -> int:
    """End many tokens for good; return how many were not revoked before. Raises Refused for a bad reason."""
    reason = clean_reason(reason)
    tokens = _lock(AccessToken.objects.filter(pk__in=list(token_ids)).exclude(state=State.REVOKED))
    lines = []
    for token in tokens:
        before = token.facts()
        token.state, token.revoked_at, token.revoked_by, token.revoked_reason = State.REVOKED, now, actor, reason
        token.updated_at = now
        lines.append(change_line(Event.REVOKE, token, before, actor=actor, now=now, reason=reason))
    _save(tokens, ["state", "revoked_at", "revoked_by", "revoked_reason"])
    record_many(lines)
    notifications.owe(Event.REVOKE, tokens, actor=actor, now=now, reason=reason)
    return len(tokens)


@transaction.atomic
def revoke_all(owner: User, *, actor: User | None, now: datetime, reason: str | None = "") -> int:
    """End every token of a person that has not ended yet; return how many."""
    lock_people([owner.pk])  # a token that is being made right now is revoked too, or made after this
    ids = AccessToken.objects.filter(user=owner).in_use(now=now).values_list("pk", flat=True)
    return revoke_many(ids, actor=actor, now=now, reason=reason)


@transaction.atomic
def clamp_many(owner_ids: Collection[int], *, actor: User | None, now: datetime) -> int:
    """Bring the tokens of these people under the cap they are under today (R3); return how many were shortened."""
    lock_many(owner_ids)
    people = governed_many(owner_ids, now=now)
    capped = {owner_id: person.decision for owner_id, person in people.items() if person.decision.capped}
    cuts = list(_cuts(capped))
    if cuts:
        rows = {"cuts": json.dumps([_written(cut) for cut in cuts]), "now": now}
        record_written(Event.CLAMP, _SHORTEN, rows, actor=actor, now=now)
        notifications.owe(Event.CLAMP, cuts, actor=None, now=now)
    return len(cuts)


@transaction.atomic
def expire_many(*, now: datetime, most: int) -> int:
    """Note up to `most` tokens whose end has passed as expired; return how many.

    They have been refused since that moment (R8). Rows that somebody is changing are left to the next run.
    """
    overdue = AccessToken.objects.overdue(now=now).order_by("expires_at")[:most]
    tokens, lines = list(overdue.select_for_update(skip_locked=True, of=("self",))), []
    for token in tokens:
        before, token.state, token.updated_at = token.facts(), State.EXPIRED, now
        lines.append(change_line(Event.EXPIRE, token, before, actor=None, now=now))
    _save(tokens, ["state"])
    record_many(lines)
    return len(tokens)


def _cuts(capped: Mapping[int, Decision]) -> Iterator[_Cut]:
    """Lock what capped people hold beyond their ceilings; say when each of these tokens is to end."""
    ceilings = [decision.ceiling for decision in capped.values()]
    for pk, owner_id, purpose, expires_at in fetch_all(_BEYOND, [list(capped), ceilings]):
        end = capped[owner_id].clamped(expires_at)
        if end != expires_at:
            yield _Cut(pk, owner_id, purpose, expires_at, end)


def _written(cut: _Cut) -> dict[str, Any]:
    """A row for _SHORTEN."""
    end = cut.expires_at and cut.expires_at.isoformat()
    return {"id": cut.pk, "expires_at": end, "before": moment(cut.before), "after": moment(cut.expires_at)}


def _lock(tokens: AccessTokenQuerySet) -> list[AccessToken]:
    return list(tokens.order_by("pk").select_for_update(of=("self",)))


def _save(tokens: list[AccessToken], fields: list[str]) -> None:
    AccessToken.objects.bulk_update(tokens, [*fields, "updated_at"], batch_size=1000)
