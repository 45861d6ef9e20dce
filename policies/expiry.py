"""What a text or a day means as the end of a token. Pure; the same for form, API and command."""

import re
from datetime import UTC, date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from policies.refusals import Code, refuse

LAST_YEAR = 2999
_When = TypeVar("_When", bound=date)
# ISO 8601's extended form; datetime.fromisoformat alone also takes week dates, the basic form and odd separators.
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last second of `day` in `zone`, as UTC. The end of a day that the zone skipped is still a moment."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone).astimezone(UTC)


def last_moment_of(day: date, zone: ZoneInfo, limit: datetime | None) -> datetime:
    """What `day`, picked in a page, means: its last second in `zone`, or the limit if that falls on this day."""
    end = end_of_day(day, zone)
    if limit is not None and limit.astimezone(zone).date() == day:
        return min(end, limit)
    return end


def parse_day(text: str) -> date:
    """Read `2027-03-23`. Raises Refused(expiry_invalid)."""
    if not _DAY.fullmatch(text):
        raise refuse(Code.EXPIRY_INVALID, "expires_at")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise refuse(Code.EXPIRY_INVALID, "expires_at") from error
    return _within_years(day)


def parse_expiry(text: str, zone: ZoneInfo) -> datetime:
    """Read an `expires_at`: a moment (UTC where it names no offset) or a day, meaning its end in `zone`."""
    text = text.strip()
    if _DAY.fullmatch(text):
        return end_of_day(parse_day(text), zone)
    if not _MOMENT.fullmatch(text):
        raise refuse(Code.EXPIRY_INVALID, "expires_at")
    try:
        moment = datetime.fromisoformat(text.upper())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refuse(Code.EXPIRY_INVALID, "expires_at") from error
    return _within_years(moment)


def _within_years(value: _When) -> _When:
    if not 1 < value.year <= LAST_YEAR:
        raise refuse(Code.EXPIRY_INVALID, "expires_at")
    return value
