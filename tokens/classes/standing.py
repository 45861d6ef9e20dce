"""How far a class is: who has picked theirs up, who has not, and who has none; counted when it is looked at."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.audit import moment
from accounts.models import User
from accounts.spreadsheets import BOM, written
from tokens.classes.making import students_of
from tokens.classes.wording import why_not
from tokens.models import ClassIssue, ClassItem, State

CHUNK = 500
COLUMNS = ("student", "sign_in", "state", "picked_up_at", "reason")
STATES: dict[str, str | Promise] = {
    "picked_up": _("Picked up"),
    "waiting": _("Not picked up yet"),
    "ended": _("Ended"),
    "refused": _("No token"),
    "making": _("Being made"),
}
_TONES = {"picked_up": "ok", "waiting": "info", "refused": "warn"}


@dataclass(frozen=True, slots=True)
class Progress:
    """How many tokens there are of an issue, how many students picked theirs up, have none, or wait for its making."""

    made: int = 0
    picked_up: int = 0
    left: int = 0  # can still be picked up
    open: int = 0  # in use or waiting, which to revoke ends
    refused: int = 0
    making: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One student of an issue, as the page and the file show them."""

    student: User
    state: str
    picked_up_at: datetime | None
    why: str

    @property
    def label(self) -> str | Promise:
        return STATES[self.state]

    @property
    def tone(self) -> str:
        """The state as a colour, beside its words."""
        return _TONES.get(self.state, "")


def progress_of(issue: ClassIssue, *, now: datetime) -> Progress:
    return progress_of_many([issue.pk], now=now).get(issue.pk, Progress())


def progress_of_many(issue_ids: Collection[int], *, now: datetime) -> dict[int, Progress]:
    """By the id of the issue, in one query."""
    lives = Q(token__expires_at__gt=now)
    counts = {
        "made": Q(token__isnull=False),
        "picked_up": Q(picked_up_at__isnull=False),
        "left": Q(token__state=State.PENDING) & lives,
        "open": Q(token__state__in=(State.PENDING, State.ACTIVE, State.SUSPENDED)) & lives,
        "refused": ~Q(refused=""),
        "making": Q(token=None, refused=""),
    }
    found = ClassItem.objects.filter(issue__in=issue_ids).order_by().values_list("issue_id")
    rows = found.annotate(**{f"n_{name}": Count("pk", filter=condition) for name, condition in counts.items()})
    return {issue_id: Progress(**dict(zip(counts, numbers, strict=True))) for issue_id, *numbers in rows}


def count_new(issue: ClassIssue, *, actor: User, now: datetime) -> int:
    """How many students of the course nobody has made one of these for."""
    known = issue.items.values("student")
    return students_of(issue.course, actor=actor, now=now).exclude(pk__in=known).count()


def items_of(issue: ClassIssue) -> QuerySet[ClassItem]:
    """The students of an issue by name, with what is shown of their tokens: nothing of a secret."""
    items = issue.items.select_related("student", "token").defer("token__tag", "token__verifier")
    return items.order_by("student__sortable_name", "student")


def row_of(item: ClassItem, now: datetime) -> Row:
    """Look at one student at one moment."""
    return Row(item.student, _state_of(item, now), item.picked_up_at, why_not(item))


def _state_of(item: ClassItem, now: datetime) -> str:
    if item.token is None:
        return "refused" if item.refused else "making"
    if item.picked_up_at is not None:
        return "picked_up"
    return "waiting" if item.token.state_at(now) == State.PENDING else "ended"


def lines(issue: ClassIssue, *, now: datetime) -> Iterator[str]:
    """Names and states as a file, a chunk at a time."""
    yield BOM + written([COLUMNS])
    last = 0
    items = items_of(issue).order_by("student_id")
    while chunk := list(items.filter(student_id__gt=last)[:CHUNK]):
        last = chunk[-1].student_id
        yield written(_cells(row_of(item, now)) for item in chunk)


def _cells(row: Row) -> list[object]:
    return [row.student.name, row.student.login_id, row.state, moment(row.picked_up_at) or "", row.why]
