"""What owners were told of the ends of their tokens: the rows that make it once."""

from django.db import models

from accounts.models import User
from tokens.models.token import AccessToken


class Reminder(models.Model):
    """On this day of theirs a person got a word about ends; there is no second one on it."""

    person = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="reminder_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} to {self.person_id}"


class Digest(models.Model):
    """An administrator was looked after for the day, or the week, that begins on this day of theirs."""

    person = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    begins_on = models.DateField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "begins_on"], name="digest_once")]

    def __str__(self) -> str:
        return f"{self.begins_on} to {self.person_id}"


class ReminderStep(models.Model):
    """The owner of a token was told of a step of the ladder to the end that it had on that day (UTC).

    With another end the steps begin again.
    """

    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="+", db_index=False)
    ends_on = models.DateField(db_index=True)
    step = models.SmallIntegerField()  # see `tokens.reminding.ladder`

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "ends_on", "step"], name="reminder_of_step_once")]

    def __str__(self) -> str:
        return f"{self.step} days before {self.ends_on}"
