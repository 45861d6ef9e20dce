"""What a stop covers at one moment: how many tokens of how many people, and how many of them are in use."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from accounts.models import User
from tokens.models import AccessToken, AccessTokenQuerySet, Pause
from tokens.models.pause import people_hit
from tokens.stops import Stop

OF_LATE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Covered:
    """Tokens in use, and how many of them were used in the last 24 hours."""

    tokens: int
    people: int
    used: int

    def facts(self) -> dict[str, int]:
        """The figures as a pause keeps them."""
        return asdict(self)


def tokens_of(stop: Stop, *, now: datetime) -> AccessTokenQuerySet:
    """The tokens in use of all whom a stop hits."""
    tokens = AccessToken.objects.in_use(now=now)
    if stop == Stop():  # everybody's: nobody is looked up
        return tokens
    return tokens.filter(user__in=User.objects.filter(people_hit(stop, now=now)))


def tokens_stopped_by(made: Pause) -> AccessTokenQuerySet:
    """The tokens that were in use at the moment of a pause and that it stopped, whatever became of them since."""
    tokens = AccessToken.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=made.made_at),
        Q(revoked_at=None) | Q(revoked_at__gt=made.made_at),
        created_at__lte=made.made_at,
    )
    if made.stop == Stop():
        return tokens
    return tokens.filter(user__in=User.objects.filter(people_hit(made.stop, now=made.made_at)))


def covered(stop: Stop, *, now: datetime) -> Covered:
    """Count them, in one query."""
    counted = tokens_of(stop, now=now).aggregate(
        tokens=Count("pk"), people=Count("user", distinct=True), used=Count("pk", filter=used_lately(now))
    )
    return Covered(**counted)


def used_lately(now: datetime) -> Q:
    """Used in the 24 hours before; uses are counted some seconds behind."""
    return Q(last_used_at__gt=now - OF_LATE)
