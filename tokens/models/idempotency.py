"""What a repeated POST is answered with."""

from datetime import datetime, timedelta

from django.db import models

from accounts.models import User
from tokens.models.token import AccessToken

IDEMPOTENT_FOR = timedelta(hours=24)


class IdempotentAnswerQuerySet(models.QuerySet["IdempotentAnswer"]):
    def past(self, *, now: datetime) -> "IdempotentAnswerQuerySet":
        return self.filter(created_at__lte=now - IDEMPOTENT_FOR)


class IdempotentAnswer(models.Model):
    """A POST that succeeded under an Idempotency-Key: asked again, it names the token that was made then."""

    caller = models.ForeignKey(User, models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=255)
    key = models.CharField(max_length=255)
    body_hash = models.BinaryField(max_length=32)
    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    objects = IdempotentAnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "endpoint", "key"], name="idempotent_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotent_created")]

    def __str__(self) -> str:
        return self.key
