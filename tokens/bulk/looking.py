"""What an act would do, before anything happens."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import User
from accounts.people import Membership, counting, memberships
from tokens.models import AccessToken, AccessTokenQuerySet, BulkKind, State, in_use_at
from tokens.permissions import owners_to_end_for
from tokens.usage.reading import most_used

AT_ONCE = 200  # tokens; more are left to a job, and their number has to be typed
MOST_NAMED = 10  # tokens; the busiest of them say best what an act would break
LATELY, RECENT = timedelta(hours=24), timedelta(days=7)


def fitting(
    tokens: AccessTokenQuerySet, kind: BulkKind, *, ends_at: datetime | None, now: datetime
) -> AccessTokenQuerySet:
    """Those of some tokens that an act of this kind changes."""
    if kind == BulkKind.RESUME:
        return tokens.filter(state=State.SUSPENDED).not_past(now=now)
    if kind == BulkKind.SUSPEND:
        return tokens.filter(state=State.ACTIVE).not_past(now=now)
    in_use = tokens.filter(in_use_at(now))
    if kind == BulkKind.SHORTEN and ends_at is not None:
        return in_use.filter(Q(expires_at=None) | Q(expires_at__gt=ends_at))
    return in_use


@dataclass(frozen=True, slots=True)
class Look:
    """What would be reached: how many tokens, of how many people, how many in use lately, and the busiest of them.

    `not_yours` are those that stay as they are, since their owners hold rights that whoever acts lacks.
    """

    count: int
    people: int
    not_yours: int
    lately: int  # used within 24 hours
    recently: int  # used within 7 days
    named: list[tuple[AccessToken, int]]

    @property
    def others(self) -> int:
        """How many are not named."""
        return self.count - len(self.named)


def look(tokens: AccessTokenQuerySet, *, actor: User, known: Membership, now: datetime) -> Look:
    """Look at tokens that an act fits; `known` is what the actor's roles amount to."""
    shielded = _shielded(tokens, actor, known, now)
    yours = tokens.exclude(user__in=shielded) if shielded else tokens
    return Look(
        count=yours.count(),
        people=yours.order_by().values("user_id").distinct().count(),
        not_yours=tokens.filter(user__in=shielded).count() if shielded else 0,
        lately=yours.filter(last_used_at__gt=now - LATELY).count(),
        recently=yours.filter(last_used_at__gt=now - RECENT).count(),
        named=most_used(yours.select_related("user"), most=MOST_NAMED, now=now),
    )


def _shielded(tokens: AccessTokenQuerySet, actor: User, known: Membership, now: datetime) -> list[int]:
    """The owners whom the actor may not touch: of those who hold rights at all, which are few, each is judged."""
    holding = counting(now).exclude(role__permissions=[]).order_by().values("user_id")
    owners = memberships(
        tokens.order_by().filter(user__in=holding).values_list("user_id", flat=True).distinct(), now=now
    )
    return sorted(owners.keys() - owners_to_end_for(actor, known, owners))
