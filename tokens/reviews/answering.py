"""What owners answer: the whole page at once, in part if they like, and as often as they like while it is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.audit import AuditEvent, record
from accounts.locks import lock_people
from accounts.models import User
from policies.refusals import Code, refuse
from tokens import lifecycle
from tokens.events import Event
from tokens.lifecycle import Change
from tokens.models import GOING, Answer, Leak, Outcome, ReviewItem, ReviewStage, State
from tokens.reasons import Reason, ReasonCode

_WISH = Reason(code=ReasonCode.OWNERS_WISH)


@dataclass(frozen=True, slots=True)
class Said:
    """What an owner says of one token; no purpose leaves it as it is."""

    needed: bool
    purpose: str | None = None


@transaction.atomic
def answer(owner: User, said: Mapping[int, Said], *, now: datetime) -> list[ReviewItem]:
    """Note answers of an owner, by the ids of the items; return those that changed anything.

    Raises Refused for what cannot be answered any more, or a purpose that cannot be; then nothing is noted.
    """
    lock_people([owner.pk])  # before the items and the tokens, as the lifecycle does
    items = ReviewItem.objects.select_related("review", "token").select_for_update(of=("self",))
    found = items.filter(owner=owner, pk__in=list(said)).order_by("pk")
    return [item for item in found if _answer(item, said[item.pk], owner, now)]


def _answer(item: ReviewItem, said: Said, owner: User, now: datetime) -> bool:
    item.token.refresh_from_db()
    wanted = Answer.NEEDED if said.needed else Answer.NOT_NEEDED
    renames = bool(said.needed and said.purpose is not None and said.purpose.strip() != item.token.purpose)
    if item.answer == wanted and not renames:
        return False
    is_late = may_answer_late(item)
    if not is_late and not is_answerable(item):
        raise refuse(Code.REVIEW_ANSWERED)
    if said.needed:
        _keep(item, said.purpose if renames else None, owner, now, is_late=is_late)
    else:
        lifecycle.revoke_many([item.token_id], actor=owner, now=now, reason=_WISH)
        item.outcome, item.settled_at = item.outcome or Outcome.REVOKED, item.settled_at or now
    if not is_late or said.needed:  # what a closed review says of silence stays, though the token is revoked now
        item.answer, item.answered_at = wanted, now
        item.save(update_fields=["answer", "answered_at", "new_purpose", "outcome", "settled_at"])
    after = {"answer": str(wanted), "purpose": item.purpose, "review": item.review.name}
    account = item.review.account
    record("review.answer", actor=owner, now=now, person=owner, account=account, subject_id=item.review_id, after=after)
    return True


def _keep(item: ReviewItem, purpose: str | None, owner: User, now: datetime, *, is_late: bool) -> None:
    if item.token.state_at(now) in (State.REVOKED, State.EXPIRED):
        raise refuse(Code.TOKEN_ENDED)
    if purpose is not None:
        token = lifecycle.update(item.token, Change(purpose=purpose), actor=owner, now=now)
        item.new_purpose = token.purpose
    if is_late:
        lifecycle.resume(item.token, actor=owner, now=now, reason=_WISH)
        item.outcome = Outcome.RESUMED


def open_to(owner: User) -> QuerySet[ReviewItem]:
    """What an owner is asked and has not answered, and what they may answer late unless something else stands."""
    asked = Q(review__stage__in=GOING, outcome="") | Q(outcome=Outcome.SUSPENDED, token__state=State.SUSPENDED)
    return ReviewItem.objects.filter(asked, owner=owner).select_related("review", "token").order_by("-review_id", "pk")


def asked_now(owner: User) -> list[ReviewItem]:
    """What an owner may answer at this moment, also what comes late."""
    return [item for item in open_to(owner) if is_answerable(item) or may_answer_late(item)]


def count_unanswered(owner: User) -> int:
    """How many tokens an owner is asked of, and has not answered."""
    return ReviewItem.objects.filter(owner=owner, review__stage__in=GOING, outcome="", answer="").count()


def is_answerable(item: ReviewItem) -> bool:
    """Whether the review still asks: until the job that closes it has come to this token."""
    return item.outcome == Outcome.WAITING and item.review.is_going


def may_answer_late(item: ReviewItem) -> bool:
    """Whether an answer brings the token back: this review has suspended it, and nothing since says it should rest.

    Its last suspension is the one of the review; its owner was not switched off since, and nobody has found its secret.
    """
    if item.outcome != Outcome.SUSPENDED or item.review.stage == ReviewStage.CANCELLED:
        return False
    if item.settled_at is None or item.token.state != State.SUSPENDED:
        return False
    stops = AuditEvent.objects.filter(action=Event.SUSPEND, subject_id=item.token_id).order_by("-pk")
    last = stops.first()
    switched = AuditEvent.objects.filter(person=item.owner_id, action="person.deactivate", at__gte=item.settled_at)
    leaks = Leak.objects.filter(token=item.token_id, is_right=True, reported_at__gte=item.settled_at)
    is_ours = last is not None and last.actor_id is None and last.at == item.settled_at
    return is_ours and not switched.exists() and not leaks.exists()
