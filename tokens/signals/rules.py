"""What counts as unusual use: each rule looks at the days of one token, and names the numbers that speak for it. Pure.

Days and hours are those of UTC, as they are counted; only the night is the owner's.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

Counts = Mapping[str, int]
Limits = Mapping[str, int]
OTHER = "…"  # as counted: together, by no name
# Outcomes of a token, or of a secret, that is refused for what it is.
DEAD = ("pending", "suspended", "superseded", "revoked", "expired")
LATELY = 2  # days in which something has to have happened
LONG_ENOUGH, COMPARED = 7, 28  # days of a token before there is a usual use; how many of them are looked at
NIGHT = 6  # hours from midnight
MOST_NIGHTS = 7
NAMED = 8  # networks or scopes that the numbers name


class Rule(StrEnum):
    """What is looked for, by its name in settings, flags and API."""

    NETWORKS = "networks"
    JUMP = "jump"
    POLLING = "polling"
    SHARED = "shared"
    PROBING = "probing"
    TRIED = "tried"


@dataclass(frozen=True, slots=True)
class Day:
    """The counters of one day, as `tokens.usage.counting` keeps them."""

    outcomes: Counts = field(default_factory=dict)
    hours: Counts = field(default_factory=dict)
    places: Counts = field(default_factory=dict)
    origins: Counts = field(default_factory=dict)
    lacking: Counts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a token at `now`.

    `days` are those of the last week, `accepted` the accepted requests of four weeks; a day without use is in neither.
    `since` is the day its secret was made, `zone` its owner's. `sharing` says of how many students the tokens were used
    from a network with a tool; it is empty for the tokens of others.
    """

    now: datetime
    since: date
    zone: ZoneInfo
    days: Mapping[date, Day]
    accepted: Mapping[date, int] = field(default_factory=dict)
    sharing: Counts = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.astimezone(UTC).date()

    @property
    def lately(self) -> Iterator[tuple[date, Day]]:
        """The last days with use, the latest first."""
        for ago in range(LATELY):
            day = self.today - timedelta(days=ago)
            if day in self.days:
                yield day, self.days[day]


@dataclass(frozen=True, slots=True)
class Finding:
    """What speaks for a rule, and on which day. `numbers["count"]` is the one by which more and less are told."""

    day: date
    numbers: dict[str, Any]

    @property
    def count(self) -> int:
        count: int = self.numbers["count"]
        return count


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that an account can choose: what it is where nobody has, and between what it lies."""

    name: str
    usual: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Looking:
    """A rule at work: the numbers that it goes by, and how it looks. At its limit it speaks, below it does not."""

    limits: tuple[Limit, ...]
    look: Callable[[Seen, Limits], Finding | None]

    @property
    def usual(self) -> dict[str, int]:
        return {limit.name: limit.usual for limit in self.limits}


def _most(found: Iterator[Finding], least: int) -> Finding | None:
    """The finding with the highest count, the latest of equals, if it reaches `least`."""
    best = max(found, key=lambda each: (each.count, each.day), default=None)
    return best if best is not None and best.count >= least else None


def networks(seen: Seen, limits: Limits) -> Finding | None:
    """From how many networks it was used within one hour of the clock."""
    return _most(_by_hour(seen), limits["networks"])


def _by_hour(seen: Seen) -> Iterator[Finding]:
    for day, uses in seen.lately:
        within: dict[int, list[str]] = {}
        for place in uses.places:
            hour, _, network = place.partition(" ")
            if place != OTHER:
                within.setdefault(int(hour), []).append(network)
        for at, found in sorted(within.items(), reverse=True):
            began = datetime.combine(day, time(at), UTC)
            yield Finding(day, {"count": len(found), "from": began.isoformat(), "networks": sorted(found)[:NAMED]})


def jump(seen: Seen, limits: Limits) -> Finding | None:
    """How much more it was used on a day than it usually is, once there is a usual use."""
    rises = [found for found in (_rise(seen, ago) for ago in range(LATELY)) if found is not None]
    high = (found for found in rises if found.count >= limits["times"] * max(1, found.numbers["usual"]))
    return _most(high, limits["requests"])


def _rise(seen: Seen, ago: int) -> Finding | None:
    day = seen.today - timedelta(days=ago)
    first = max(seen.since, day - timedelta(days=COMPARED))
    span = (day - first).days
    if span < LONG_ENOUGH or day not in seen.accepted:
        return None
    before = sum(count for each, count in seen.accepted.items() if first <= each < day)
    return Finding(day, {"count": seen.accepted[day], "usual": round(before / span), "day": day.isoformat()})


def polling(seen: Seen, limits: Limits) -> Finding | None:
    """In how many nights in a row it was used in every hour, and in each as often as in the others."""
    local = seen.now.astimezone(seen.zone)
    last = local.date() if local.hour >= NIGHT else local.date() - timedelta(days=1)
    hours: list[int] = []
    nights = 0
    for ago in range(MOST_NIGHTS):
        more = [*hours, *_night(seen, last - timedelta(days=ago))]
        if min(more) < limits["an_hour"] or max(more) - min(more) > max(1, max(more) // 10):
            break
        hours, nights = more, ago + 1
    if nights < limits["nights"]:
        return None
    an_hour = sum(hours) / len(hours)
    numbers = {"count": nights, "an_hour": round(an_hour), "minutes": max(1, round(60 / an_hour))}
    return Finding(last, {**numbers, "until": last.isoformat()})


def _night(seen: Seen, day: date) -> list[int]:
    """The requests of each hour of the night that ends on `day` with the owner."""
    midnight = datetime.combine(day, time(), seen.zone).astimezone(UTC)
    hours = (midnight + timedelta(hours=n) for n in range(NIGHT))
    return [seen.days.get(at.date(), Day()).hours.get(str(at.hour), 0) for at in hours]


def shared(seen: Seen, limits: Limits) -> Finding | None:
    """Of how many students the tokens are used from the same network with the same tool; many more are a campus."""
    found = (each for each in _shared(seen) if each.count <= limits["at_most"])
    return _most(found, limits["students"])


def _shared(seen: Seen) -> Iterator[Finding]:
    for day, uses in seen.lately:
        for origin in uses.origins:
            network, _, tool = origin.partition(" ")
            if tool and origin in seen.sharing:
                yield Finding(day, {"count": seen.sharing[origin], "network": network, "tool": tool})


def probing(seen: Seen, limits: Limits) -> Finding | None:
    """How many different scopes were asked of it in vain on one day."""
    return _most(map(_lacked, seen.lately), limits["scopes"])


def _lacked(each: tuple[date, Day]) -> Finding:
    day, uses = each
    scopes = sorted(scope for scope in uses.lacking if scope != OTHER)
    numbers = {"count": len(scopes), "refused": sum(uses.lacking.values()), "scopes": scopes[:NAMED]}
    return Finding(day, {**numbers, "day": day.isoformat()})


def tried(seen: Seen, limits: Limits) -> Finding | None:
    """How often it was tried on a day although it is refused for what it is."""
    return _most(map(_dead, seen.lately), limits["tries"])


def _dead(each: tuple[date, Day]) -> Finding:
    day, uses = each
    tries = Counter({why: uses.outcomes.get(why, 0) for why in DEAD})
    [(state, _count)] = tries.most_common(1)
    return Finding(day, {"count": tries.total(), "state": state, "day": day.isoformat()})


RULES: dict[Rule, Looking] = {
    Rule.NETWORKS: Looking((Limit("networks", 3, 2, 50),), networks),
    Rule.JUMP: Looking((Limit("times", 10, 2, 1000), Limit("requests", 100, 1, 1_000_000)), jump),
    Rule.POLLING: Looking((Limit("nights", 3, 1, MOST_NIGHTS), Limit("an_hour", 4, 1, 3600)), polling),
    Rule.SHARED: Looking((Limit("students", 10, 2, 1000), Limit("at_most", 50, 2, 100_000)), shared),
    Rule.PROBING: Looking((Limit("scopes", 3, 1, 20),), probing),
    Rule.TRIED: Looking((Limit("tries", 20, 1, 1_000_000),), tried),
}
