"""The ends that a form offers for a token: so many days, a day of one's own, the present one, or none."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies.decision import Decision
from policies.expiry import last_moment_of, parse_day
from policies.refusals import Code, refuse
from tokens.lifecycle import UNCHANGED, Unchanged
from tokens.models import AccessToken, State

CAPPED_DAYS = (7, 30, 60)
FREE_DAYS = (7, 30, 90, 365)
KEEP, LONGEST, CUSTOM, NEVER = "keep", "longest", "custom", "never"


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button: what it sends, what it says, and the moment it means, if it means one."""

    value: str
    label: str
    end: datetime | None = None
    note: str = ""


class Ends:
    """What may be chosen under a decision. `zone` is the owner's: there a day ends when they say it does."""

    def __init__(self, decision: Decision, zone: ZoneInfo, *, limit: datetime | None, kept: AccessToken | None) -> None:
        """Take the latest end that is allowed, and the token whose present end may stay."""
        self.decision, self.zone, self.limit, self.kept = decision, zone, limit, kept

    @classmethod
    def of_new(cls, decision: Decision, zone: ZoneInfo) -> "Ends":
        """For a token that does not exist yet."""
        return cls(decision, zone, limit=decision.ceiling, kept=None)

    @classmethod
    def of_request(cls, decision: Decision, zone: ZoneInfo, latest: datetime | None) -> "Ends":
        """For a token that somebody is asked for: beyond the ceiling, where one may ask for that, up to `latest`."""
        return cls(decision, zone, limit=latest, kept=None)

    @classmethod
    def of_update(cls, decision: Decision, token: AccessToken) -> "Ends":
        """For a token that keeps its secret, and with it the day from which its life is counted."""
        limit = decision.extension_limit(present=token.expires_at, secret_made_at=token.secret_made_at)
        return cls(decision, token.user.zone, limit=limit, kept=token)

    @classmethod
    def of_regeneration(cls, decision: Decision, token: AccessToken) -> "Ends":
        """For a new secret; the end of an expired token cannot stay."""
        is_expired = token.state_at(decision.now) == State.EXPIRED
        return cls(decision, token.user.zone, limit=decision.ceiling, kept=None if is_expired else token)

    @cached_property
    def choices(self) -> list[Choice]:
        """Every radio button, the longest one being exactly the limit."""
        return [*self._kept(), *self._presets(), *self._longest(), *self._never(), self._custom()]

    @property
    def asks_for_longer(self) -> bool:
        """Whether an end beyond the ceiling can be asked for."""
        ceiling = self.decision.ceiling
        return self.kept is None and self.limit is not None and ceiling is not None and self.limit > ceiling

    @property
    def usual(self) -> str:
        """The choice that is set at first: the present end, else a middling one."""
        values = [choice.value for choice in self.choices if choice.end is not None or choice.value == KEEP]
        for value in (KEEP, "60", "90"):
            if value in values:
                return value
        return values[-1] if values else CUSTOM

    @property
    def first_day(self) -> date:
        """The earliest day one can pick."""
        return self.decision.now.astimezone(self.zone).date()

    @property
    def last_day(self) -> date | None:
        """The latest day one can pick."""
        return self.limit.astimezone(self.zone).date() if self.limit else None

    def prefill(self, days: str) -> dict[str, str]:
        """What a link with `?days=` sets: a preset, else a day of one's own, else nothing."""
        if not _is_number(days) or int(days) < 1:
            return {"days": self.usual}
        if days in {choice.value for choice in self.choices}:
            return {"days": days}
        return {"days": CUSTOM, "until": self._day_in(int(days)).isoformat()}

    def read(self, days: str, until: str) -> datetime | Unchanged | None:
        """What was chosen, None meaning no end. Raises Refused(expiry_required or expiry_invalid)."""
        if days == KEEP and self.kept is not None:
            return UNCHANGED
        if days == LONGEST:
            return self.limit
        if days == CUSTOM:
            if not until.strip():
                raise refuse(Code.EXPIRY_REQUIRED, "expires_at")
            return last_moment_of(parse_day(until.strip()), self.zone, self.limit)
        if _is_number(days):
            return self._end_in(int(days))
        if days in ("", NEVER):
            return None
        raise refuse(Code.EXPIRY_INVALID, "expires_at")

    def _day_in(self, days: int) -> date:
        return (self.decision.now + timedelta(days=days)).astimezone(self.zone).date()

    def _end_in(self, days: int) -> datetime:
        """The end of the last of so many days; where one may ask for more, those of the cap are the ceiling."""
        if self.asks_for_longer and self.decision.ceiling is not None and days == self.decision.days_to_ceiling:
            return self.decision.ceiling
        return last_moment_of(self._day_in(days), self.zone, self.limit)

    def _kept(self) -> list[Choice]:
        if self.kept is None:
            return []
        return [Choice(KEEP, _("As it is"), self.kept.expires_at, "" if self.kept.expires_at else _("Never expires"))]

    def _presets(self) -> list[Choice]:
        presets: tuple[int, ...] = CAPPED_DAYS if self.decision.capped_as_student else FREE_DAYS
        longest = self.decision.days_to_ceiling
        if self.asks_for_longer and longest:
            presets = (*(n for n in presets if n < longest), longest)
        ends = [(n, self._end_in(n)) for n in presets]
        return [Choice(str(n), _days(n), end) for n, end in ends if self.limit is None or end < self.limit]

    def _longest(self) -> list[Choice]:
        """The limit itself; where it counts from now, it is so many days."""
        is_kept = self.kept is not None and self.kept.expires_at == self.limit
        if self.limit is None or self.limit <= self.decision.now or is_kept:
            return []
        if self.limit == self.decision.ceiling and self.decision.cap_days and self.decision.exempt_until is None:
            return [Choice(str(self.decision.cap_days), _days(self.decision.cap_days), self.limit)]
        return [Choice(LONGEST, _("Longest"), self.limit)]

    def _never(self) -> list[Choice]:
        return [] if self.decision.capped else [Choice(NEVER, _("No expiry"), note=_("Until revoked"))]

    def _custom(self) -> Choice:
        return Choice(CUSTOM, _("Other"), note=_("Pick a date"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def _days(count: int) -> str:
    if count == 365:
        return _("1 year")
    return ngettext("%(n)d day", "%(n)d days", count) % {"n": count}
