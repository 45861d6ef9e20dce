"""What a token has to be, told anew: the rules of the product in few lines, for the state machine to compare.

It knows nothing of the portal's code but the words of its answers. Whoever is only a student is capped.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

DAY = timedelta(days=1)


@dataclass
class Person:
    """Somebody with a student's role, and perhaps a teacher's."""

    is_active: bool = True
    teaches: bool = False

    @property
    def is_capped(self) -> bool:
        return not self.teaches


@dataclass
class Secret:
    """A string that was handed out. `stops`: until when it works beside the present one; None for the present one."""

    text: str
    stops: datetime | None = None
    is_forgotten: bool = False


@dataclass
class Token:
    """A token; `state` is what happened to it, apart from the clock."""

    owner: Person
    state: str
    end: datetime | None
    made_at: datetime
    secrets: list[Secret] = field(default_factory=list)
    is_noted: bool = False  # the job has seen that it is over

    def is_over(self, now: datetime) -> bool:
        return self.end is not None and self.end <= now

    def state_at(self, now: datetime) -> str:
        return "expired" if self.state != "revoked" and self.is_over(now) else self.state

    @property
    def present(self) -> Secret:
        return self.secrets[-1]

    def going(self, now: datetime) -> list[Secret]:
        """The earlier secrets that work beside the present one."""
        return [each for each in self.secrets[:-1] if each.stops is not None and each.stops > now]


@dataclass
class School:
    """The one policy, and what is stopped."""

    cap: timedelta = 120 * DAY
    pauses: set[str] = field(default_factory=set)

    def is_paused(self, person: Person) -> bool:
        stopped = {"everything", "student", *(["teacher"] if person.teaches else [])}
        return bool(self.pauses & stopped)

    def ceiling(self, person: Person, start: datetime) -> datetime | None:
        return start + self.cap if person.is_capped else None

    def clamped(self, token: Token, now: datetime) -> datetime | None:
        limit = self.ceiling(token.owner, now)
        if limit is None:
            return token.end
        return limit if token.end is None else min(token.end, limit)

    def outcome(self, token: Token, secret: Secret, now: datetime) -> str:
        """What the check must answer."""
        if secret.is_forgotten:
            return "invalid"
        if token.state_at(now) in ("revoked", "expired"):
            return token.state_at(now)
        if not token.owner.is_active:
            return "invalid"
        if token.state != "active":
            return token.state
        if secret.stops is not None and secret.stops <= now:
            return "superseded"
        return "paused" if self.is_paused(token.owner) else "live"


def is_allowed_end(end: datetime | None, limit: datetime | None, now: datetime) -> bool:
    """Whether somebody may choose an end, or none."""
    if end is None:
        return limit is None
    return end > now and (limit is None or end <= limit)
