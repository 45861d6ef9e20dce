"""Programs that wait for somebody to let them have a token (RFC 8628)."""

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User

# So long may somebody take over their answer; so long is what came of it remembered.
ANSWERED_WITHIN, REMEMBERED_FOR = timedelta(minutes=10), timedelta(hours=1)
POLLED_EVERY = 5  # seconds between two questions of a program


class DeviceState(models.TextChoices):
    """Only the arrows from waiting to the next two exist, and those from allowed to denied and fetched."""

    WAITING = "waiting", _("Waiting for an answer")
    ALLOWED = "allowed", _("Allowed")
    DENIED = "denied", _("Denied")
    FETCHED = "fetched", _("Fetched")


class DeviceCodeQuerySet(models.QuerySet["DeviceCode"]):
    def past(self, *, now: datetime) -> "DeviceCodeQuerySet":
        """Those of which nobody needs to know any more."""
        return self.filter(made_at__lte=now - REMEMBERED_FOR)


class DeviceCode(models.Model):
    """What a program on somebody's machine asks for, and what a person has answered. Only `tokens.devices` writes it.

    `digest` is the SHA-256 of the code by which the program fetches its token; the one that people type stands here as
    it is, and fetches nothing. Until somebody answers, `purpose`, `scopes` and `days` are the program's wishes; then
    they and `ends_at` (None: no end) are what the person has chosen. The token is made when it is fetched.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    user_code = models.CharField(max_length=8, unique=True)
    host = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=255, blank=True)
    purpose = models.CharField(max_length=255, blank=True)
    scopes = ArrayField(models.CharField(max_length=255), default=list)
    days = models.PositiveSmallIntegerField(null=True)
    ends_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=7, choices=DeviceState, default=DeviceState.WAITING)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    polled_at = models.DateTimeField(null=True)
    interval = models.PositiveIntegerField(default=POLLED_EVERY)

    objects = DeviceCodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="device_state_known", condition=Q(state__in=DeviceState.values)),
            models.CheckConstraint(
                name="device_answered_by",
                condition=Q(state=DeviceState.WAITING, person=None)
                | (~Q(state=DeviceState.WAITING) & Q(person__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["made_at"], name="device_made")]

    def __str__(self) -> str:
        return f"{self.user_code[:4]}…"

    def is_over(self, now: datetime) -> bool:
        """Whether its time to be answered and fetched has passed."""
        return self.made_at + ANSWERED_WITHIN <= now
