"""A view of all tokens that somebody keeps by a name."""

from django.db import models
from django.db.models import Q

from accounts.models import Account, User


class SavedView(models.Model):
    """Filters and an order under a name, for its owner, or for everybody who sees the tokens of its account.

    `parameters` are those of an address: whoever opens it sees what they may see.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    parameters = models.JSONField(default=dict)
    is_shared = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="saved_view_named", condition=Q(name__regex=r"\S")),
            models.UniqueConstraint(fields=["owner", "account", "name"], name="saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.name
