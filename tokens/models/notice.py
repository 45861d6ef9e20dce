"""What a person is still owed a word about."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KeyTransform

from accounts.models import User
from tokens.events import ChangeEvent, PauseEvent


class Notice(models.Model):
    """A word owed to a person, written in the transaction of its cause and mailed after it (an outbox).

    `due_at` is when it is tried next, none for at once; while a worker has it, when its lease is over. `withheld_at` is
    when it turned out that nobody wants it: the person has switched such mails off, or has no address.
    """

    ERROR_LENGTH: ClassVar = 255

    person = models.ForeignKey(User, models.PROTECT, related_name="notices")
    event = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    withheld_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=ERROR_LENGTH, blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(F("id"), name="notice_unsent", condition=Q(sent_at=None, withheld_at=None))]
        constraints = [
            models.CheckConstraint(name="notice_one_end", condition=Q(sent_at=None) | Q(withheld_at=None)),
            models.UniqueConstraint(
                KeyTransform("change", "facts"),
                "person",
                name="notice_of_change_once",
                condition=Q(event=ChangeEvent.PLAN.value),
            ),
            models.UniqueConstraint(
                KeyTransform("pause", "facts"),
                "person",
                name="notice_of_pause_once",
                condition=Q(event=PauseEvent.ADD.value),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.person_id}"
