"""Word to owners of what a review asks them: in rounds, each person once in each, only who has not answered all."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from accounts.audit import record
from accounts.models import User
from policies.refusals import Code, refuse
from tokens import notifications
from tokens.events import ReviewEvent
from tokens.models import Review, ReviewItem, ReviewRound, ReviewStage, RoundKind

BATCH = 500  # people
_BEFORE = {RoundKind.WEEK: timedelta(days=7), RoundKind.DAY: timedelta(days=1)}
_ONCE_IN = timedelta(days=1)


def start_rounds(*, now: datetime) -> None:
    """Begin the rounds whose time has come; one that comes with the opening, or too late to be the first, is left."""
    for kind, before in _BEFORE.items():
        ripe = Review.objects.filter(stage=ReviewStage.OPEN, due_at__gt=now, due_at__lte=now + before)
        for review in ripe.exclude(rounds__kind=kind).order_by("pk"):
            if review.opened_at < review.due_at - before:
                ReviewRound.objects.get_or_create(review=review, kind=kind, defaults={"made_at": now})


def unfinished() -> list[int]:
    """The ids of the rounds that have not come to everybody."""
    return list(ReviewRound.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def remind(review: Review, *, actor: User, now: datetime) -> ReviewRound:
    """Tell them again, at most once a day. Raises Refused(review_not_open or reminded_today)."""
    review = Review.objects.select_related("account").select_for_update(of=("self",)).get(pk=review.pk)
    if review.stage != ReviewStage.OPEN:
        raise refuse(Code.REVIEW_NOT_OPEN)
    if review.rounds.filter(made_at__gt=now - _ONCE_IN).exists():
        raise refuse(Code.REMINDED_TODAY)
    after = {"name": review.name}
    record("review.remind", actor=actor, now=now, account=review.account, subject_id=review.pk, after=after)
    return ReviewRound.objects.create(review=review, kind=RoundKind.AGAIN, made_at=now)


def tell_in_batches(round_id: int, *, now: datetime) -> Iterator[int]:
    """Go on with a round; yields how many people each batch told."""
    while (told := _tell_next(round_id, now)) is not None:
        yield told


@transaction.atomic
def _tell_next(round_id: int, now: datetime) -> int | None:
    turn = ReviewRound.objects.select_related("review").select_for_update(of=("self",)).get(pk=round_id)
    if turn.finished_at is not None:
        return None
    people = _people(turn) if turn.review.stage == ReviewStage.OPEN else []
    if not people:
        turn.finished_at = now
        turn.save(update_fields=["finished_at"])
        return None
    event = ReviewEvent.OPEN if turn.kind == RoundKind.OPENING else ReviewEvent.REMIND
    review = turn.review
    said = {"review": review.pk, "name": review.name, "due_at": review.due_at.isoformat()}
    asked = ReviewItem.objects.filter(review=review, outcome="", answer="", owner__in=people)
    tokens: dict[int, list[ReviewItem]] = {}
    for item in asked.select_related("token").order_by("owner_id", "token_id"):
        tokens.setdefault(item.owner_id, []).append(item)
    facts = {
        pk: {**said, "tokens": notifications.facts_of([each.token for each in items])} for pk, items in tokens.items()
    }
    notifications.owe_each(event, facts, now=now)
    turn.told_to = people[-1]
    turn.save(update_fields=["told_to"])
    return len(people)


def _people(turn: ReviewRound) -> list[int]:
    """The next of those who have not answered all, by id."""
    open_items = ReviewItem.objects.filter(review=turn.review_id, outcome="", answer="", owner__gt=turn.told_to)
    return list(open_items.order_by("owner_id").values_list("owner_id", flat=True).distinct()[:BATCH])
