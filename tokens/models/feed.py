"""The address at which a person's calendar stands."""

from django.db import models

from accounts.models import User


class CalendarFeed(models.Model):
    """One a person. `digest` is the SHA-256 of what stands in the address, which is kept nowhere."""

    person = models.OneToOneField(User, models.CASCADE, related_name="calendar_feed")
    digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar of {self.person_id}"
