"""What hangs on each key of the ring (TOKEN_KEYS): who rotates keys has to know when one may go."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db.models import Count, Q

from tokens import foreign
from tokens.models import AccessToken, State, SupersededSecret, Verifier


class KeyStanding(StrEnum):
    """What a key is good for, from the first one of the ring to what is in none."""

    PRIMARY = "primary"  # makes new tags, and decides
    ACCEPTED = "accepted"  # decides
    OUTGOING = "outgoing"  # decides, and its tags are made anew on use
    RETIRED = "retired"  # Argon2id decides, and the tag is made anew on use
    LOST = "lost"  # as retired, but it is not even in the ring
    PLAIN = "plain"  # no key: the SHA-256 of tokens that another system made


@dataclass(slots=True)
class KeyUse:
    """How much of what is not over hangs on one key."""

    key_id: str
    standing: KeyStanding
    active: int = 0  # tokens
    resting: int = 0  # tokens that are suspended, or wait to be activated
    earlier: int = 0  # secrets that a rotation put aside, within their overlap
    services: int = 0

    @property
    def total(self) -> int:
        return self.active + self.resting + self.earlier + self.services


def standing_of(key_id: str) -> KeyStanding:
    """What the settings make of a key."""
    if key_id == foreign.KEY:
        return KeyStanding.PLAIN
    if key_id not in settings.TOKEN_KEYS:
        return KeyStanding.LOST
    if key_id == next(iter(settings.TOKEN_KEYS)):
        return KeyStanding.PRIMARY
    if key_id in settings.TOKEN_KEYS_RETIRED:
        return KeyStanding.RETIRED
    return KeyStanding.OUTGOING if key_id in settings.TOKEN_KEYS_OUTGOING else KeyStanding.ACCEPTED


@dataclass(slots=True)
class _Sheet:
    """The keys in the order of the ring, and behind it those that rows name besides."""

    uses: dict[str, KeyUse] = field(
        default_factory=lambda: {key_id: KeyUse(key_id, standing_of(key_id)) for key_id in settings.TOKEN_KEYS}
    )

    def __getitem__(self, key_id: str) -> KeyUse:
        return self.uses.setdefault(key_id, KeyUse(key_id, standing_of(key_id)))


def uses_of_keys(*, now: datetime) -> list[KeyUse]:
    """Count what hangs on each key. Reads every token that is not over: some tenths of a second for a million."""
    sheet = _Sheet()
    for key_id, active, resting in _tokens(now):
        sheet[key_id].active, sheet[key_id].resting = active, resting
    working = SupersededSecret.objects.filter(works_until__gt=now).values_list("tag_key").annotate(Count("pk"))
    for key_id, count in working.order_by("tag_key"):
        sheet[key_id].earlier = count
    asking = Verifier.objects.filter(revoked_at=None).values_list("tag_key").annotate(Count("pk"))
    for key_id, count in asking.order_by("tag_key"):
        sheet[key_id].services = count
    return list(sheet.uses.values())


def _tokens(now: datetime) -> Iterable[tuple[str, int, int]]:
    """Key, active tokens and resting ones."""
    is_active = Q(state=State.ACTIVE)
    found = AccessToken.objects.in_use(now=now).values("tag_key").order_by("tag_key")
    counted = found.annotate(active=Count("pk", filter=is_active), resting=Count("pk", filter=~is_active))
    return counted.values_list("tag_key", "active", "resting")
