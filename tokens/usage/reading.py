"""What the rows of days say about the use of tokens, for pages and API. At most one row per token and day is read."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Q, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from tokens.models import AccessToken, AccessTokenQuerySet, AccountDay, TokenDay
from tokens.usage.counting import ACCEPTED, DayUse


@dataclass(frozen=True, slots=True)
class OneDay:
    """A column of the chart."""

    day: date
    accepted: int
    refused: int

    @property
    def total(self) -> int:
        return self.accepted + self.refused


@dataclass(frozen=True, slots=True)
class Request:
    """One of the latest requests."""

    at: datetime
    outcome: str
    path: str
    address: str | None
    agent: str

    @property
    def is_accepted(self) -> bool:
        return self.outcome == ACCEPTED


@dataclass(frozen=True, slots=True)
class Path:
    """What was called how often, and how much of that was refused."""

    name: str
    count: int
    refused: int

    @property
    def refused_share(self) -> float:
        """Per cent."""
        return 100 * self.refused / self.count


@dataclass(frozen=True, slots=True)
class Summary:
    """The use of one token over some days, the last of them today."""

    days: list[OneDay]
    outcomes: Counter[str]
    paths: list[Path]
    addresses: list[tuple[str, int]]
    agents: list[tuple[str, int]]
    latest: list[Request]

    @property
    def accepted(self) -> int:
        return self.outcomes[ACCEPTED]

    @property
    def refused(self) -> int:
        return self.outcomes.total() - self.accepted

    @property
    def total(self) -> int:
        return self.outcomes.total()

    @property
    def refused_share(self) -> float:
        """Per cent of all requests; 0 where there were none."""
        return 100 * self.refused / self.total if self.total else 0.0


def summary_of(token: AccessToken, *, now: datetime, days: int = 30) -> Summary:
    """Add up the last `days` days (UTC) of a token, in one query."""
    first = _first(now, days)
    rows = {row.day: row for row in TokenDay.objects.filter(token=token, day__gte=first)}
    total = DayUse()
    for day in sorted(rows):
        total.merge(DayUse.from_dict(rows[day].counts()))
    return Summary(
        days=[_one_day(first + timedelta(days=n), rows.get(first + timedelta(days=n))) for n in range(days)],
        outcomes=total.outcomes,
        paths=[Path(name, count, total.refused_paths[name]) for name, count in total.paths.most_common()],
        addresses=total.addresses.most_common(),
        agents=total.agents.most_common(),
        latest=[_request(each) for each in reversed(total.recent)],
    )


def accepted_by_day(token_ids: Iterable[int], *, now: datetime, days: int = 30) -> dict[int, list[int]]:
    """For each token the accepted requests of the last `days` days, oldest first, in one query."""
    first, counts = _first(now, days), {token_id: [0] * days for token_id in token_ids}
    rows = TokenDay.objects.filter(token__in=counts, day__gte=first).values_list("token_id", "day", "outcomes")
    for token_id, day, outcomes in rows:
        if day <= now.astimezone(UTC).date():
            counts[token_id][(day - first).days] = outcomes.get(ACCEPTED, 0)
    return counts


def most_used(
    tokens: AccessTokenQuerySet, *, most: int, now: datetime, days: int = 30
) -> list[tuple[AccessToken, int]]:
    """Of these tokens those that were used most, with their accepted requests of the last days, in one query."""
    accepted = Cast(KeyTextTransform(ACCEPTED, "days__outcomes"), BigIntegerField())
    count = Coalesce(Sum(accepted, filter=Q(days__day__gte=_first(now, days))), 0)
    counted: Iterable[Any] = (
        tokens.defer("verifier", "tag").annotate(requests=count).order_by("-requests", "-pk")[:most]
    )
    return [(token, token.requests) for token in counted]


def requests_below(account_ids: Iterable[int], *, now: datetime, days: int = 30) -> list[OneDay]:
    """The requests of the last `days` days in the subtrees of the accounts, oldest first, in one query."""
    first = _first(now, days)
    rows = AccountDay.objects.filter(account__path__overlap=list(account_ids), day__gte=first).values("day")
    sums = {row["day"]: row for row in rows.annotate(accepted=Sum("accepted"), refused=Sum("refused"))}
    nothing = {"accepted": 0, "refused": 0}
    columns = ((day, sums.get(day, nothing)) for day in (first + timedelta(days=n) for n in range(days)))
    return [OneDay(day, counts["accepted"], counts["refused"]) for day, counts in columns]


def _first(now: datetime, days: int) -> date:
    return now.astimezone(UTC).date() - timedelta(days=days - 1)


def _one_day(day: date, row: TokenDay | None) -> OneDay:
    outcomes = row.outcomes if row else {}
    accepted = outcomes.get(ACCEPTED, 0)
    return OneDay(day, accepted, sum(outcomes.values()) - accepted)


def _request(kept: list[Any]) -> Request:
    at, outcome, path, address, agent = kept
    return Request(datetime.fromtimestamp(at, UTC), outcome, path, address, agent)
