"""The token as a row."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.people import membership, reachable_by
from accounts.roles import Permission
from policies.unused import WARNED_BEFORE
from tokens import foreign
from tokens.models.pause import people_hit, stops_column, stops_in_force, stops_of
from tokens.reasons import ReasonCode
from tokens.stops import Stop, is_stopped

if TYPE_CHECKING:
    from tokens.models.class_issue import ClassItem

EXPIRES_SOON = timedelta(days=14)
NO_SECRET = "!"  # stands in place of the Argon2id hash where nobody has a secret yet; no text fits it
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)  # what a missing end stands for where tokens are sorted


class State(models.TextChoices):
    """What is stored; whether a token is live also asks the clock and its owner (rule R8)."""

    PENDING = "pending", _("Waiting for activation")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")


ENDED = (State.REVOKED, State.EXPIRED)
OPEN = (State.PENDING, State.ACTIVE, State.SUSPENDED)


def in_use_at(now: datetime) -> Q:
    """Neither revoked nor expired, by state and by clock: `AccessToken.state_at` for the database."""
    return Q(state__in=OPEN) & (Q(expires_at=None) | Q(expires_at__gt=now))


def expiring_at(now: datetime) -> Q:
    """In use, and over within EXPIRES_SOON."""
    return in_use_at(now) & Q(expires_at__lte=now + EXPIRES_SOON)


def ended_at(now: datetime) -> Q:
    """Revoked or expired, by state or by clock."""
    return Q(state__in=ENDED) | Q(expires_at__lte=now)


def living_past(end: datetime) -> Q:
    """Not ended, and not ending by then: all that a ceiling there would shorten."""
    return Q(state__in=OPEN) & (Q(expires_at=None) | Q(expires_at__gt=end))


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def live(self, *, now: datetime) -> "AccessTokenQuerySet":
        """`AccessToken.is_live` for the database; a test holds the two together."""
        return self.filter(state=State.ACTIVE, user__is_active=True).not_past(now=now).not_paused(now=now)

    def not_paused(self, *, now: datetime) -> "AccessTokenQuerySet":
        """Those of people whom no pause in force stops. Asks at once which pauses there are."""
        found = self
        for stop in stops_in_force():
            found = found.exclude(user__in=User.objects.filter(people_hit(stop, now=now)))
        return found

    def in_use(self, *, now: datetime) -> "AccessTokenQuerySet":
        """Neither revoked nor expired, by state and by clock."""
        return self.filter(in_use_at(now))

    def not_past(self, *, now: datetime) -> "AccessTokenQuerySet":
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now))

    def longer_than(self, *, now: datetime, days: int) -> "AccessTokenQuerySet":
        """Not ended, and not ending within `days`: all that a cap of as many days could shorten."""
        return self.filter(living_past(now + timedelta(days=days)))

    def overdue(self, *, now: datetime) -> "AccessTokenQuerySet":
        """Past their end by the clock, but not yet noted as expired."""
        return self.filter(state__in=OPEN, expires_at__lte=now)

    def expiring(self, *, now: datetime) -> "AccessTokenQuerySet":
        return self.filter(expiring_at(now))

    def of(self, user: User) -> "AccessTokenQuerySet":
        """A person's tokens with what the lists show, in the order of the API."""
        return self.filter(user=user).select_related("user", "creator").with_stops().order_by("created_at", "id")

    def with_stops(self) -> "AccessTokenQuerySet":
        """With the pauses in force, for `AccessToken.is_paused`: read by the same statement."""
        return self.annotate(stops=stops_column())

    def reachable_by(self, viewer: User, permission: Permission, *, now: datetime) -> "AccessTokenQuerySet":
        """The viewer's own tokens, and those of the people over whom they hold `permission`."""
        return self.filter(Q(user=viewer) | Q(user__in=reachable_by(viewer, permission, now=now)))


class AccessToken(models.Model):
    """A personal API token. Only `tokens.lifecycle` writes it; the database refuses any other arrow between states."""

    # Every index is written again with each new end, so there is none that another one makes up for, and none of what
    # is mostly empty.
    user = models.ForeignKey(User, models.PROTECT, related_name="tokens", db_index=False)
    creator = models.ForeignKey(  # set if made for the owner
        User, models.PROTECT, null=True, related_name="+", db_index=False
    )
    purpose = models.CharField(_("purpose"), max_length=255)
    scopes = ArrayField(models.CharField(max_length=255), default=list)
    state = models.CharField(max_length=9, choices=State)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    revoked_reason = models.CharField(max_length=255, blank=True)
    revoked_code = models.CharField(max_length=16, blank=True, default="", db_default="", choices=ReasonCode)
    revoked_is_confidential = models.BooleanField(default=False, db_default=False)  # not for the owner

    # See tokens/secrets.py for what is kept of the secret.
    lookup_id = models.CharField(max_length=16)
    tag = models.BinaryField(max_length=32)
    tag_key = models.CharField(max_length=64)
    verifier = models.CharField(max_length=255, blank=True, default="")
    secret_made_at = models.DateTimeField()

    # Of a token that another system made: whose it was, and the lookup id that its hash gives, for good.
    imported_from = models.CharField(max_length=64, blank=True, default="", db_default="")
    imported_lookup_id = models.CharField(max_length=16, blank=True, default="", db_default="")

    # When word went out that it ends if nobody uses it.
    unused_warned_at = models.DateTimeField(null=True)

    # Written by the usage roll-up only, some seconds behind.
    last_used_at = models.DateTimeField(null=True)
    last_used_ip = models.GenericIPAddressField(null=True)
    last_used_agent = models.CharField(max_length=255, blank=True)
    use_count = models.BigIntegerField(default=0)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            # Not `unique` of the field: that makes a second index, for LIKE.
            models.UniqueConstraint(fields=["lookup_id"], name="token_lookup_id_once"),
            models.UniqueConstraint(
                fields=["imported_lookup_id"],
                name="token_imported_once",
                condition=~Q(imported_lookup_id=""),
            ),
            models.CheckConstraint(  # a plain hash decides only for what was imported, and nothing else lacks Argon2id
                name="token_imported_by_hash",
                condition=Q(tag_key=foreign.KEY, verifier="", lookup_id=F("imported_lookup_id"))
                | (~Q(tag_key=foreign.KEY) & ~Q(verifier="")),
            ),
            models.CheckConstraint(
                name="token_imported_from",
                condition=Q(imported_lookup_id="", imported_from="")
                | (~Q(imported_lookup_id="") & ~Q(imported_from="")),
            ),
            models.CheckConstraint(name="token_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(name="token_purpose_given", condition=Q(purpose__regex=r"^\S(.*\S)?$")),
            models.CheckConstraint(
                name="token_lookup_shape", condition=Q(lookup_id__regex=r"^[A-Za-z][0-9A-Za-z]{15}$")
            ),
            models.CheckConstraint(
                name="token_revoked_when",
                condition=Q(state=State.REVOKED, revoked_at__isnull=False)
                | (~Q(state=State.REVOKED) & Q(revoked_at=None)),
            ),
            models.CheckConstraint(
                name="token_expired_has_end", condition=~Q(state=State.EXPIRED) | Q(expires_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["user", "created_at", "id"], name="token_of_user"),
            models.Index(fields=["expires_at"], name="token_open_by_end", condition=Q(state__in=OPEN)),
            models.Index(fields=["user", "expires_at"], name="token_open_of_user", condition=Q(state__in=OPEN)),
            models.Index(fields=["creator"], name="token_of_creator", condition=Q(creator__isnull=False)),
            models.Index(fields=["revoked_by"], name="token_revoked_by", condition=Q(revoked_by__isnull=False)),
            models.Index(fields=["created_at", "id"], name="token_by_creation"),
            models.Index(Coalesce("expires_at", Value(FOREVER)), "id", name="token_by_end"),
        ]

    def __str__(self) -> str:
        return self.purpose

    def state_at(self, now: datetime) -> State:
        """The state by the clock: an open token past its end is expired, whether or not a job has noted it."""
        if self.state in OPEN and self.is_past(now):
            return State.EXPIRED
        return State(self.state)

    def is_past(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def is_live(self, now: datetime) -> bool:
        """Whether the next call with this token is accepted (rule R8)."""
        return self.state_at(now) == State.ACTIVE and self.user.is_active and not self.is_paused(now)

    def is_paused(self, now: datetime) -> bool:
        """Whether an emergency stop holds for its owner; asks for the owner's roles only where any is in force."""
        stops = self.stops_known
        if not stops:
            return False
        owner = membership(self.user, now=now)
        return is_stopped(stops, owner.standing, owner.home)

    @property
    def is_foreign(self) -> bool:
        """Whether it is still the string that another system made, known here by its SHA-256 only."""
        return self.tag_key == foreign.KEY

    @property
    def to_pick_up(self) -> "ClassItem | None":
        """What it was made in for a whole class, while its owner has not picked it up and it has no secret."""
        item: ClassItem | None = getattr(self, "class_item", None) if self.state == State.PENDING else None
        return item if item and item.picked_up_at is None else None

    @property
    def stops_known(self) -> list[Stop]:
        """The pauses in force, as it was read `with_stops`; else as they are now."""
        known = vars(self)
        return stops_of(known["stops"]) if "stops" in known else stops_in_force()

    def expires_soon(self, now: datetime) -> bool:
        return self.state_at(now) in OPEN and self.expires_at is not None and self.expires_at <= now + EXPIRES_SOON

    @property
    def idle_since(self) -> datetime:
        """The last use, or when the secret was made."""
        return max(self.secret_made_at, self.last_used_at or self.secret_made_at)

    @property
    def ends_unused_at(self) -> datetime | None:
        """The end of which the owner was warned; a use since then has lifted it."""
        if self.unused_warned_at is None or self.idle_since > self.unused_warned_at:
            return None
        return self.unused_warned_at + WARNED_BEFORE

    def facts(self) -> dict[str, Any]:
        """What the audit trail keeps of a token; nothing of its secret."""
        return {name: getattr(self, name) for name in ("purpose", "state", "expires_at", "scopes", "lookup_id")}
