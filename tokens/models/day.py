"""The use of a token, and of all tokens of an account's people, on one day."""

from typing import Any, ClassVar

from django.db import models

from accounts.models import Account
from tokens.models.token import AccessToken


class TokenDay(models.Model):
    """One row per token and day (UTC), of bounded size; see `tokens.usage.counting` for what the columns hold."""

    COUNTS: ClassVar = (
        "outcomes",
        "paths",
        "refused_paths",
        "addresses",
        "agents",
        "hours",
        "places",
        "origins",
        "lacking",
        "recent",
    )

    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="days")
    day = models.DateField()
    outcomes = models.JSONField(default=dict)
    paths = models.JSONField(default=dict)
    refused_paths = models.JSONField(default=dict, db_default={})  # for whoever writes rows without knowing of it
    addresses = models.JSONField(default=dict)
    agents = models.JSONField(default=dict)
    hours = models.JSONField(default=dict, db_default={})
    places = models.JSONField(default=dict, db_default={})
    origins = models.JSONField(default=dict, db_default={})
    lacking = models.JSONField(default=dict, db_default={})
    recent = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "day"], name="token_day_once")]
        indexes = [models.Index(fields=["day"], name="token_day")]

    def __str__(self) -> str:
        return f"{self.day}: {sum(self.outcomes.values())}"

    def counts(self) -> dict[str, Any]:
        """The counters by name, as `tokens.usage.counting.DayUse.from_dict` takes them."""
        return {name: getattr(self, name) for name in self.COUNTS}


class AccountDay(models.Model):
    """The requests of one day (UTC) with the tokens of those who were at home in an account when they were counted.

    The sum of the tokens' days, for charts that cannot read millions of them.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    day = models.DateField()
    accepted = models.BigIntegerField()
    refused = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="account_day_once")]
        indexes = [models.Index(fields=["day"], name="account_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.accepted + self.refused}"
