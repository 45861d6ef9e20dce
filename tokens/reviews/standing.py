"""How far a review is: answered and open, by role and by account, counted when it is looked at; and its report."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.audit import moment
from accounts.roles import EnrollmentState
from accounts.spreadsheets import BOM, written
from tokens.models import Outcome, Review, ReviewItem

CHUNK = 2000
COLUMNS = (
    "token_id",
    "owner",
    "sign_in",
    "purpose_at_opening",
    "purpose_now",
    "answer",
    "answered_at",
    "outcome",
    "settled_at",
)


_SILENT = Q(answer="", outcome="")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many tokens of some owners were asked of, and of how many something is said or nothing is to say any more."""

    account_id: int
    name: str
    base: str
    tokens: int
    answered: int


@dataclass(frozen=True, slots=True)
class Silent:
    """Somebody who has not answered all."""

    pk: int
    name: str
    tokens: int


def answered_of(review: Review) -> int:
    """Of how many tokens something is said."""
    return review.items.exclude(_SILENT).count()


def came_of(review: Review) -> list[tuple[str, int]]:
    """How many tokens came to what, in words, of those that have."""
    counts = dict(review.items.order_by().exclude(outcome="").values_list("outcome").annotate(Count("pk")))
    return [(str(outcome.label), counts[outcome]) for outcome in Outcome if outcome in counts]


def progress_of(review: Review) -> list[Progress]:
    """By role and account, as the owners hold them now; somebody with two roles is counted in both."""
    held = review.items.filter(owner__enrollments__state=EnrollmentState.ACTIVE).order_by()
    by = ("owner__enrollments__account", "owner__enrollments__account__name", "owner__enrollments__role__base")
    counts = held.values_list(*by).annotate(
        tokens=Count("pk", distinct=True), answered=Count("pk", distinct=True, filter=~_SILENT)
    )
    return [Progress(*row) for row in counts.order_by(*by[1:], by[0])]


def silent_in(review: Review, *, after: int, most: int) -> list[Silent]:
    """Those who have not answered all, by their ids from `after` on."""
    waiting = review.items.filter(_SILENT, owner__gt=after).order_by("owner_id")
    counted = waiting.values_list("owner_id", "owner__name").annotate(tokens=Count("pk"))
    return [Silent(*row) for row in counted[:most]]


def lines(review: Review) -> Iterator[str]:
    """The report as a file, a chunk at a time, by token."""
    yield BOM + written([COLUMNS])
    last = 0
    items = review.items.select_related("owner").order_by("token_id")
    while chunk := list(items.filter(token_id__gt=last)[:CHUNK]):
        last = chunk[-1].token_id
        yield written(_cells(item) for item in chunk)


def _cells(item: ReviewItem) -> list[object]:
    return [
        item.token_id,
        item.owner.name,
        item.owner.login_id,
        item.purpose,
        item.new_purpose or item.purpose,
        item.get_answer_display(),
        moment(item.answered_at) or "",
        item.get_outcome_display(),
        moment(item.settled_at) or "",
    ]
