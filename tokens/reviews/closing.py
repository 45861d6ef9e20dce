"""The end of a review: what nobody answered is suspended, in batches that may die at any point."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import User
from accounts.prepared import fetch_all
from policies.refusals import Code, refuse
from tokens import lifecycle
from tokens.models import GOING, Review, ReviewStage
from tokens.reasons import Reason, ReasonCode

BATCH = 2000  # tokens, and whatever else the last of their owners has under review: each owner is told once
# Locked, so that an answer that is being given goes first or comes late.
_NEXT = """
    SELECT id, token_id, answer FROM tokens_reviewitem
    WHERE review_id = %s AND outcome = '' AND owner_id <= (
        SELECT max(owner_id) FROM (
            SELECT owner_id FROM tokens_reviewitem WHERE review_id = %s AND outcome = ''
            ORDER BY owner_id, token_id LIMIT %s
        ) AS first
    )
    ORDER BY id FOR NO KEY UPDATE
"""
_SETTLE = """
    UPDATE tokens_reviewitem i SET settled_at = %(now)s, outcome = CASE
        WHEN i.token_id = ANY(%(suspended)s) THEN 'suspended'
        WHEN t.state IN ('revoked', 'expired') OR t.expires_at <= %(now)s THEN 'ended'
        WHEN i.answer = 'needed' THEN 'kept'
        ELSE 'stopped' END
    FROM tokens_accesstoken t WHERE i.id = ANY(%(ids)s) AND t.id = i.token_id
"""


def due(*, now: datetime) -> list[int]:
    """The ids of the reviews that are to be closed, the oldest first."""
    closing = Review.objects.filter(stage=ReviewStage.CLOSING) | Review.objects.filter(
        stage=ReviewStage.OPEN, due_at__lte=now
    )
    return list(closing.order_by("pk").values_list("pk", flat=True))


def close_in_batches(review_id: int, *, clock: Callable[[], datetime], batch: int = BATCH) -> Iterator[int]:
    """Settle what is left of a review; yields how many tokens each batch came to."""
    while count := _settle_some(review_id, batch, now=clock()):
        yield count


@transaction.atomic
def _settle_some(review_id: int, most: int, *, now: datetime) -> int:
    review = _locked(review_id)
    if not review.is_going or (review.stage == ReviewStage.OPEN and review.due_at > now):
        return 0
    if review.stage == ReviewStage.OPEN:
        _begin(review, actor=None, now=now)
    found: list[Any] = fetch_all(_NEXT, [review.pk, review.pk, most])
    if not found:
        review.stage, review.finished_at = ReviewStage.CLOSED, now
        review.save(update_fields=["stage", "finished_at"])
        return 0
    silent = [token_id for _id, token_id, answer in found if not answer]
    suspended = lifecycle.suspend_many(silent, actor=None, now=now, reason=_why(review)) if silent else []
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"now": now, "suspended": suspended, "ids": [pk for pk, _token, _answer in found]})
    return len(found)


def _why(review: Review) -> Reason:
    """What the owner reads of it, with the way back."""
    words = _("No answer in the review “%(name)s”. Answer it under My access tokens, and the token works again.")
    return Reason(words % {"name": review.name}, ReasonCode.POLICY)


@transaction.atomic
def close_early(review: Review, *, actor: User, now: datetime) -> Review:
    """Let the job close a review before it is due. Raises Refused(review_not_open)."""
    review = _locked(review.pk)
    if review.stage != ReviewStage.OPEN:
        raise refuse(Code.REVIEW_NOT_OPEN)
    _begin(review, actor=actor, now=now)
    return review


@transaction.atomic
def cancel(review: Review, *, actor: User, now: datetime) -> Review:
    """Ask no more; what was answered or suspended stays as it is. Raises Refused(review_not_open)."""
    review = _locked(review.pk)
    if review.stage not in GOING:
        raise refuse(Code.REVIEW_NOT_OPEN)
    review.stage, review.finished_at = ReviewStage.CANCELLED, now
    review.save(update_fields=["stage", "finished_at"])
    record("review.cancel", actor=actor, now=now, account=review.account, subject_id=review.pk, after=_named(review))
    return review


def _begin(review: Review, *, actor: User | None, now: datetime) -> None:
    review.stage = ReviewStage.CLOSING
    review.save(update_fields=["stage"])
    record("review.close", actor=actor, now=now, account=review.account, subject_id=review.pk, after=_named(review))


def _named(review: Review) -> dict[str, object]:
    return {"name": review.name}


def _locked(review_id: int) -> Review:
    return Review.objects.select_related("account").select_for_update(of=("self",)).get(pk=review_id)
