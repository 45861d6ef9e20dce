"""What the changes of settings that wait bring a person, as the notices above their tokens say it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from policies.foreseeing import Prospect


@dataclass(slots=True)
class Ahead:
    """What takes effect at one moment: how many tokens then end earlier, and how many are revoked.

    `loses` says whether the person can generate none from then on.
    """

    takes_effect_at: datetime
    shortened: int = 0
    revoked: int = 0
    loses: bool = False


def ahead_of(prospect: Prospect, ends: Iterable[tuple[int, datetime | None]]) -> list[Ahead]:
    """Count the tokens in use of a person, each with its end, by the moment that changes it; the soonest first."""
    found: dict[datetime, Ahead] = {}
    if prospect.losing is not None:
        _at(found, prospect.losing.takes_effect_at).loses = True
    for pk, expires_at in ends:
        coming = prospect.of(pk, expires_at)
        if coming is not None:
            ahead = _at(found, coming.takes_effect_at)
            ahead.revoked += coming.revokes
            ahead.shortened += not coming.revokes
    return [found[moment] for moment in sorted(found)]


def _at(found: dict[datetime, Ahead], moment: datetime) -> Ahead:
    return found.setdefault(moment, Ahead(moment))
