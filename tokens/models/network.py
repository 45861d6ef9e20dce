"""From where a token was used, and what its owner was told of that."""

from django.db import models
from django.db.models import Q

from tokens.events import Event
from tokens.models.token import AccessToken


class TokenNetwork(models.Model):
    """A network from which a token was used, and on which day (UTC) last; forgotten as the days of its use are.

    The empty one stands for uses whose address nobody knows.
    """

    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="+", db_index=False)
    network = models.CharField(max_length=49)  # as `tokens.usage.counting.network_of` writes it
    last_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "network"], name="token_network_once")]

    def __str__(self) -> str:
        return f"{self.network} until {self.last_on}"


class UseTold(models.Model):
    """The owner of a token was told of a use: of the first one once, of a new network once a day (UTC)."""

    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="+", db_index=False)
    event = models.CharField(max_length=17)
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token"], name="first_use_once", condition=Q(event=Event.FIRST_USE.value)),
            models.UniqueConstraint(
                fields=["token", "day"], name="new_network_once_a_day", condition=Q(event=Event.NEW_NETWORK.value)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} on {self.day}"
