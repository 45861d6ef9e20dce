"""What is counted of a token's uses on one day (UTC). Pure: counters that merge in any order, bounded in size."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_network
from typing import Any, NamedTuple

ACCEPTED = "accepted"
MOST_KINDS = 20  # different addresses, agents and paths kept per token and day; the rest is counted together
MOST_RECENT = 20
MOST_PLACES = 100  # different networks, each in an hour of the day, kept per token and day
MOST_ORIGINS = 8  # different pairs of a network and a tool
LONGEST_TOOL = 80  # characters
OTHER = "…"
COUNTERS = ("outcomes", "paths", "refused_paths", "addresses", "agents", "hours", "places", "origins", "lacking")
_HOURS = tuple(map(str, range(24)))

Key = tuple[int, str]  # token id, ISO day


def day_of(at: datetime) -> str:
    """The day under which something is counted."""
    return at.astimezone(UTC).date().isoformat()


class Use(NamedTuple):
    """One request: when, for what, and whether it was accepted or refused (`outcome`, a verification outcome)."""

    at: datetime
    outcome: str
    path: str
    address: str | None
    agent: str

    def key(self, token_id: int) -> Key:
        return token_id, day_of(self.at)


@dataclass(slots=True)
class DayUse:
    """The uses of one token on one day. `recent` are the latest, newest last: [at, outcome, path, address, agent].

    `paths` holds every request, `refused_paths` those of them that were refused; both name the same paths. `hours`
    are those of the day. Of accepted requests alone, `places` counts each network in each hour ("14 192.0.2.0/24") and
    `origins` each network with a tool ("192.0.2.0/24 curl/8.9"). `lacking` are the scopes asked of it in vain.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    paths: Counter[str] = field(default_factory=Counter)
    refused_paths: Counter[str] = field(default_factory=Counter)
    addresses: Counter[str] = field(default_factory=Counter)
    agents: Counter[str] = field(default_factory=Counter)
    hours: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    origins: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)
    recent: list[list[Any]] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        return self.outcomes[ACCEPTED]

    @property
    def refused(self) -> int:
        return self.outcomes.total() - self.accepted

    @property
    def last_accepted(self) -> list[Any] | None:
        """The latest accepted use among the recent ones."""
        return next((each for each in reversed(self.recent) if each[1] == ACCEPTED), None)

    def add(self, use: Use) -> None:
        self.outcomes[use.outcome] += 1
        _count(self.paths, use.path)
        hour = _HOURS[use.at.astimezone(UTC).hour]
        self.hours[hour] += 1
        if use.outcome != ACCEPTED:
            self._refuse(use.path)
        elif use.address:
            network = network_of(use.address)
            _count(self.places, f"{hour} {network}", most=MOST_PLACES)
            _count(self.origins, f"{network} {use.agent[:LONGEST_TOOL]}", most=MOST_ORIGINS)
        _count(self.addresses, use.address or "")
        _count(self.agents, use.agent)
        self.recent.append([use.at.timestamp(), use.outcome, use.path, use.address, use.agent])
        if len(self.recent) > 2 * MOST_RECENT:  # trimmed now and then, not at each request
            self.recent = _latest(self.recent)

    def lack(self, scope: str) -> None:
        """Count that something asked of the token what it may not do."""
        _count(self.lacking, scope[:LONGEST_TOOL])

    def merge(self, other: "DayUse") -> None:
        self.outcomes.update(other.outcomes)
        self.hours.update(other.hours)
        for mine, theirs, most in (
            (self.paths, other.paths, MOST_KINDS),
            (self.addresses, other.addresses, MOST_KINDS),
            (self.agents, other.agents, MOST_KINDS),
            (self.places, other.places, MOST_PLACES),
            (self.origins, other.origins, MOST_ORIGINS),
            (self.lacking, other.lacking, MOST_KINDS),
        ):
            for kind, count in theirs.items():
                _count(mine, kind, count, most)
        for path, count in other.refused_paths.items():
            self._refuse(path, count)
        self.recent = _latest(sorted([*self.recent, *other.recent], key=lambda each: float(each[0])))

    def _refuse(self, path: str, count: int = 1) -> None:
        """Count a refusal where its path was counted: by name, or together with the rest."""
        self.refused_paths[path if path in self.paths else OTHER] += count

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it, in Redis and in the row of the day."""
        counters = {name: dict(getattr(self, name)) for name in COUNTERS}
        return {**counters, "recent": _latest(self.recent)}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> "DayUse":
        counters = {name: Counter(value.get(name, {})) for name in COUNTERS}
        return cls(**counters, recent=list(value["recent"]))


def _count(kinds: Counter[str], kind: str, count: int = 1, most: int = MOST_KINDS) -> None:
    if kind not in kinds and len(kinds) >= most:
        kind = OTHER
    kinds[kind] += count


@lru_cache(10_000)
def network_of(address: str) -> str:
    """The network that an address is counted under: /24 of IPv4, /48 of IPv6."""
    return str(ip_network(f"{address}/{48 if ':' in address else 24}", strict=False))


def _latest(recent: list[list[Any]]) -> list[list[Any]]:
    """The last MOST_RECENT, and the last accepted one whatever came after it."""
    kept, dropped = recent[-MOST_RECENT:], recent[:-MOST_RECENT]
    if not any(each[1] == ACCEPTED for each in kept):
        kept = [each for each in dropped if each[1] == ACCEPTED][-1:] + kept
    return kept
