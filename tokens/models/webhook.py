"""A webhook: an address of another system that is told what happens to tokens, and what it was told."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from tokens.events import Event, FlagEvent, PersonEvent

# What an address can be told of: actions of the trail.
TOLD = {
    Event.ISSUE.value: _("Generated"),
    Event.IMPORT.value: _("Imported from another system"),
    Event.ACTIVATE.value: _("Activated by its owner"),
    Event.UPDATE.value: _("Purpose, end or scopes changed"),
    Event.REGENERATE.value: _("New secret"),
    Event.END_OVERLAP.value: _("Earlier secret ended before its time"),
    Event.CLAMP.value: _("Shortened by a limit"),
    Event.SUSPEND.value: _("Suspended"),
    Event.RESUME.value: _("Resumed"),
    Event.REVOKE.value: _("Revoked"),
    Event.EXPIRE.value: _("Expired"),
    Event.UNUSED_WARNING.value: _("Owner warned that nobody uses it"),
    Event.LEAK.value: _("Secret reported to be in the open"),
    FlagEvent.RAISE.value: _("Unusual use"),
    PersonEvent.DEACTIVATE.value: _("Sign-in of a person switched off"),
    PersonEvent.REACTIVATE.value: _("Sign-in of a person switched on again"),
}


class OffBecause(models.TextChoices):
    """Why an address is told nothing."""

    NOT = "", _("It is on")
    ASKED = "asked", _("Switched off")
    GONE = "gone", _("It answered that it is gone for good (410)")
    FAILING = "failing", _("It took nothing for five days")


class Webhook(models.Model):
    """Where what is sent to. It is about people whose home account lies in its account's subtree.

    The secret that signs is kept encrypted; `failing_since` is when it first failed after it last took something.
    """

    URL_LENGTH: ClassVar = 500

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    url = models.CharField(max_length=URL_LENGTH)
    description = models.CharField(max_length=255, blank=True)
    events = ArrayField(models.CharField(max_length=64))
    secret = models.TextField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    off_because = models.CharField(max_length=7, choices=OffBecause, blank=True, default="")
    off_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "url"], name="webhook_once"),
            models.CheckConstraint(name="webhook_off_known", condition=Q(off_because__in=OffBecause.values)),
            models.CheckConstraint(
                name="webhook_off_since",
                condition=Q(off_because="", off_at=None) | (~Q(off_because="") & Q(off_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_on(self) -> bool:
        """Whether it is told anything."""
        return not self.off_because


class DeliveryState(models.TextChoices):
    """What came of a message."""

    WAITING = "waiting", _("Waiting")
    TAKEN = "taken", _("Delivered")
    FAILED = "failed", _("Given up")


class Trouble(models.TextChoices):
    """Why there was no answer."""

    NONE = "", ""
    NAME = "name", _("The name of the host is not known")
    PRIVATE = "private", _("The host is at a private address")
    CONNECTION = "connection", _("No connection")
    CERTIFICATE = "certificate", _("The certificate of the host is not good")
    LATE = "late", _("No answer in time")
    BROKEN = "broken", _("The answer is no HTTP")
    SECRET = "secret", _("The key that the secret is encrypted with is gone")


class Delivery(models.Model):
    """One message to one address, with the latest attempt. Its id and its body never change, however often it is sent.

    `line` is the number of the line of the trail that it tells, none for a test. `due_at` is when it is tried next;
    while a worker has it, when its lease is over. `attempts` are counted anew when somebody sends it again.
    """

    ANSWER_LENGTH: ClassVar = 1024

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    line = models.BigIntegerField(null=True)
    message_id = models.CharField(max_length=40)
    event = models.CharField(max_length=64)
    body = models.TextField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=DeliveryState, default=DeliveryState.WAITING)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    trouble = models.CharField(max_length=11, choices=Trouble, blank=True, default="")
    answer = models.CharField(max_length=ANSWER_LENGTH, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "line"], name="delivery_once"),
            models.CheckConstraint(name="delivery_state_known", condition=Q(state__in=DeliveryState.values)),
            models.CheckConstraint(
                name="delivery_due_while_waiting",
                condition=Q(state="waiting", due_at__isnull=False) | (~Q(state="waiting") & Q(due_at=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="delivery_due", condition=Q(state="waiting")),
            models.Index(fields=["webhook", "-id"], name="delivery_newest"),
            models.Index(fields=["made_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return self.message_id


class WebhookPlace(models.Model):
    """The one row that says up to which place of the trail's chain messages are made."""

    place = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.place)
