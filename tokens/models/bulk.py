"""One act on many tokens, and what came of each."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from tokens.models.token import AccessToken
from tokens.reasons import Reason, ReasonCode


class BulkKind(models.TextChoices):
    """What is done to each of the tokens."""

    REVOKE = "revoke", _("Revoke")
    SUSPEND = "suspend", _("Suspend")
    RESUME = "resume", _("Resume")
    SHORTEN = "shorten", _("Set an earlier end")
    MAIL = "mail", _("Write to the owners")


class ItemOutcome(models.TextChoices):
    """What came of a token."""

    WAITING = "", _("Waiting")
    DONE = "done", _("Done")
    LEFT = "left", _("Left as it is")


class Why(models.TextChoices):
    """Why a token was left."""

    NONE = "", ""
    RIGHTS = "rights", _("Its owner holds rights that you lack.")
    STATE = "state", _("It was not in a state for that any more.")
    MAIL = "mail", _("Its owner has no e-mail address.")


class BulkAct(models.Model):
    """What somebody does to many tokens, as they stood when it was made; kept when it is done.

    Nothing is left to do since `finished_at`; where it was stopped before its end, that is also in `stopped_at`.
    """

    kind = models.CharField(max_length=8, choices=BulkKind)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    filters = models.JSONField(default=dict)  # by which the tokens were found, if they were not picked one by one
    reason = models.CharField(max_length=255, blank=True)
    reason_code = models.CharField(max_length=16, blank=True, choices=ReasonCode)
    is_confidential = models.BooleanField(default=False)
    key = models.CharField(max_length=255, blank=True)  # of the form or the call that made it, which makes one only
    ends_at = models.DateTimeField(null=True)  # with SHORTEN: the new end
    subject = models.CharField(max_length=100, blank=True, default="", db_default="")  # with MAIL, and its text
    words = models.TextField(blank=True, default="", db_default="")
    size = models.PositiveIntegerField(default=0)  # tokens
    done = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["made_by", "key"], condition=~Q(key=""), name="bulk_act_once"),
        ]
        indexes = [models.Index(fields=["id"], name="bulk_act_open", condition=Q(finished_at=None))]

    def __str__(self) -> str:
        return f"{self.kind} of {self.size} tokens"

    @property
    def why(self) -> Reason:
        """The reason that was given."""
        return Reason(self.reason, self.reason_code, self.is_confidential)

    @property
    def looked_at(self) -> int:
        """How many tokens it has come to."""
        return self.done + self.left


class BulkItem(models.Model):
    """A token of an act, with its owner, by whom the job takes them."""

    act = models.ForeignKey(BulkAct, models.CASCADE, related_name="items", db_index=False)
    token = models.ForeignKey(AccessToken, models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=4, blank=True, choices=ItemOutcome)
    why = models.CharField(max_length=6, blank=True, choices=Why)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "token"], name="bulk_item_once")]
        indexes = [models.Index(fields=["act", "owner", "token"], name="bulk_item_waiting", condition=Q(outcome=""))]

    def __str__(self) -> str:
        return f"{self.token_id}: {self.outcome}"
