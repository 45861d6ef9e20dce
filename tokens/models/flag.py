"""What a rule found unusual about the use of a token, and the rules that accounts watch for."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.people import homed_in
from tokens.models.token import AccessToken

WATCHES_FOR = timedelta(days=14)  # so long a rule tells nobody but those who look
SILENT_FOR = timedelta(days=30)  # so long what was dismissed is not raised again


class FlagState(models.TextChoices):
    """From open to explained, and from both to confirmed and dismissed; nothing comes after those."""

    OPEN = "open", _("Open")
    EXPLAINED = "explained", _("Explained by the owner")
    CONFIRMED = "confirmed", _("Confirmed")
    DISMISSED = "dismissed", _("Dismissed")


UNDECIDED = (FlagState.OPEN, FlagState.EXPLAINED)


class FlagQuerySet(models.QuerySet["Flag"]):
    def undecided(self) -> "FlagQuerySet":
        return self.filter(state__in=UNDECIDED)

    def below(self, account_ids: frozenset[int], *, now: datetime) -> "FlagQuerySet":
        """Those of people whose home account lies in the subtree of one of the accounts."""
        return self.filter(token__user__in=homed_in(account_ids, now=now))


class Flag(models.Model):
    """Unusual use of a token by one rule. Only `tokens.signals` writes it, and it ends nothing.

    `numbers` are the rule's own; while it is undecided they grow with what is seen. `told_at` is when its owner was
    told: until then the rule only watches, and the owner does not see it.
    """

    token = models.ForeignKey(AccessToken, models.PROTECT, related_name="flags")
    rule = models.CharField(max_length=16)
    numbers = models.JSONField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=FlagState, default=FlagState.OPEN)
    told_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=255, blank=True)
    explained_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=255, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="flag_state_known", condition=Q(state__in=FlagState.values)),
            models.CheckConstraint(name="flag_in_order", condition=Q(last_at__gte=F("first_at"))),
            models.CheckConstraint(
                name="flag_explained_in_words",
                condition=Q(explained_at=None, words="") | Q(explained_at__isnull=False, words__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="flag_explained_when", condition=~Q(state=FlagState.EXPLAINED) | Q(explained_at__isnull=False)
            ),
            models.CheckConstraint(
                name="flag_decided_by_somebody",
                condition=Q(state__in=UNDECIDED, decided_at=None, decided_by=None)
                | (~Q(state__in=UNDECIDED) & Q(decided_at__isnull=False, decided_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="flag_dismissed_has_reason", condition=~Q(state=FlagState.DISMISSED) | Q(reason__regex=r"\S")
            ),
            models.UniqueConstraint(
                fields=["token", "rule"], name="flag_undecided_once", condition=Q(state__in=UNDECIDED)
            ),
        ]
        indexes = [
            models.Index(fields=["-last_at", "-id"], name="flag_undecided", condition=Q(state__in=UNDECIDED)),
            models.Index(fields=["first_at"], name="flag_by_first"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} of {self.token_id}"

    @property
    def is_undecided(self) -> bool:
        return self.state in UNDECIDED

    @property
    def count(self) -> int:
        """The number by which more and less are told."""
        count: int = self.numbers["count"]
        return count

    def facts(self) -> dict[str, Any]:
        """What the audit trail keeps of it."""
        return {name: getattr(self, name) for name in ("rule", "state", "numbers")}


class Watch(models.Model):
    """What an account says of one rule, for itself and all below it that say nothing of it themselves."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    rule = models.CharField(max_length=16)
    is_on = models.BooleanField()
    limits = models.JSONField()
    since = models.DateTimeField()  # when it was switched on, or its limits were changed

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "rule"], name="watch_once")]

    def __str__(self) -> str:
        return f"{self.rule} in account {self.account_id}"

    def only_watches(self, now: datetime) -> bool:
        """Whether it is too new to notify anybody."""
        return now < self.since + WATCHES_FOR

    def facts(self) -> dict[str, Any]:
        """What the audit trail keeps of it."""
        return {"rule": self.rule, "is_on": self.is_on, "limits": self.limits}
