"""The report of a pause: whose tokens it stopped, what was used in the 24 hours before, what was still tried since."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.audit import record
from accounts.models import User
from accounts.moments import iso
from accounts.people import Membership, homed_in
from accounts.roles import Permission
from accounts.spreadsheets import BOM, written
from tokens.emergency.covering import OF_LATE
from tokens.events import PauseEvent
from tokens.models import LONG_AGO, Pause, PausedToken, State

CHUNK = 1000  # rows
USED, TRIED = "used", "tried"
COLUMNS = (
    "token_id",
    "lookup_id",
    "purpose",
    "owner",
    "sign_in",
    "email",
    "last_used_at",
    "last_used_address",
    "requests_in_24_hours_before",
    "tried_since",
    "state",
    "revoked_at",
)


@dataclass(frozen=True, slots=True)
class Figures:
    """A report in numbers: tokens and their owners, those used in the 24 hours before, those tried since and how often.

    `ended` are those that were revoked since.
    """

    tokens: int
    people: int
    used: int
    requests: int
    tried: int
    tries: int
    ended: int

    def facts(self) -> dict[str, int]:
        """The figures as programs are told of them."""
        return asdict(self)


def lines_of(made: Pause, viewer: Membership | None, *, now: datetime) -> QuerySet[PausedToken]:
    """The tokens in the report of a pause whose owners the viewer reaches, or the operator.

    The busiest come first, and of those that were as busy the ones that were used last.
    """
    lines = PausedToken.objects.annotate(latest=Coalesce("last_used_at", LONG_AGO)).filter(pause=made)
    lines = lines.order_by("-requests", "-latest", "pk")
    if viewer is None:
        return lines
    held = viewer.standing.accounts_with(Permission.TOKENS_DELETE)
    if viewer.home[0] in held:
        return lines
    return lines.filter(owner__in=homed_in(held, now=now))


def part_of(lines: QuerySet[PausedToken], made: Pause, part: str) -> QuerySet[PausedToken]:
    """Those used in the 24 hours before, or those tried since; all of them for any other word."""
    parts = {USED: Q(last_used_at__gt=made.made_at - OF_LATE), TRIED: Q(tried__gt=0)}
    return lines.filter(parts[part]) if part in parts else lines


def figures_of(lines: QuerySet[PausedToken], made: Pause) -> Figures:
    """Add them up, in one query."""
    used = Q(last_used_at__gt=made.made_at - OF_LATE)
    counted = lines.order_by().aggregate(
        tokens=Count("pk"),
        people=Count("owner", distinct=True),
        used=Count("pk", filter=used),
        requests=Coalesce(Sum("requests"), 0),
        tries=Coalesce(Sum("tried"), 0),
        tried=Count("pk", filter=Q(tried__gt=0)),
        ended=Count("pk", filter=Q(token__state=State.REVOKED)),
    )
    return Figures(**{name: int(number) for name, number in counted.items()})


def csv_of(lines: QuerySet[PausedToken], *, now: datetime) -> Iterator[str]:
    """The file for spreadsheets, a chunk at a time, in memory that stays flat."""
    yield BOM + written([COLUMNS])
    rows = with_tokens(lines).iterator(CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        yield written(_cells(line, now) for line in chunk)


def note_export(made: Pause, lines: QuerySet[PausedToken], *, actor: User | None, now: datetime) -> None:
    """Write into the trail who takes a report away."""
    after = {"tokens": lines.count()}
    record(PauseEvent.EXPORT, actor=actor, now=now, account=made.account, subject_id=made.pk, after=after)


def with_tokens(lines: QuerySet[PausedToken]) -> QuerySet[PausedToken]:
    """With what is shown of their tokens and owners; nothing of a secret is read."""
    return lines.select_related("token", "owner").defer("token__tag", "token__verifier")


def _cells(line: PausedToken, now: datetime) -> list[object]:
    token, owner = line.token, line.owner
    return [
        token.pk,
        token.lookup_id,
        token.purpose,
        owner.name,
        owner.login_id,
        owner.email,
        line.last_used_at and iso(line.last_used_at),
        line.last_used_ip,
        line.requests,
        line.tried,
        token.state_at(now).value,
        token.revoked_at and iso(token.revoked_at),
    ]
