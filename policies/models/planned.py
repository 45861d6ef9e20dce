"""A change of an account's settings that waits for its date, or is being carried out."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from policies.ending import Ending, Existing
from policies.spreading import Spread


class Stage(models.TextChoices):
    """How far a change has come. Only the arrows waiting → applying → applied and waiting → undone exist."""

    WAITING = "waiting", _("Waiting")
    APPLYING = "applying", _("Being applied")
    APPLIED = "applied", _("Applied")
    UNDONE = "undone", _("Undone")


OPEN_STAGES = (Stage.WAITING, Stage.APPLYING)


class PlannedChange(models.Model):
    """What an account shall set, from when on, and what becomes of tokens; kept when it is done.

    `values` and `before` hold the settings that differ, by name, as `Policy.values` has them. `figures` is what the
    preview said when it was saved. The rest is where a job is that may die at any point: owners up to the id `told_to`
    have been told of it, those up to `applied_to` have been brought under it, and where it was undone, those up to
    `untold_to` know that. Nothing is left to do since `finished_at`.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="planned_changes")
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.WAITING)
    values = models.JSONField()
    before = models.JSONField()
    existing = models.CharField(
        max_length=8, choices=[(each.value, each.value) for each in Existing], default=Existing.KEEP
    )
    existing_end = models.DateTimeField(null=True)
    spread_days = models.PositiveSmallIntegerField(default=0)
    figures = models.JSONField(default=dict)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    takes_effect_at = models.DateTimeField()
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)  # when the rules changed; ends are counted from it
    told_to = models.BigIntegerField(default=0)
    untold_to = models.BigIntegerField(default=0, db_default=0)
    applied_to = models.BigIntegerField(default=0)
    shortened = models.PositiveIntegerField(default=0)
    revoked = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(stage__in=OPEN_STAGES), name="planned_change_one_open"
            ),
            models.CheckConstraint(name="planned_change_stage_known", condition=Q(stage__in=Stage.values)),
            models.CheckConstraint(name="planned_change_existing_known", condition=Q(existing__in=list(Existing))),
            models.CheckConstraint(
                name="planned_change_end_given",
                condition=Q(existing=Existing.END_ON, existing_end__isnull=False)
                | (~Q(existing=Existing.END_ON) & Q(existing_end=None)),
            ),
            models.CheckConstraint(name="planned_change_not_past", condition=Q(takes_effect_at__gte=F("made_at"))),
            models.CheckConstraint(
                name="planned_change_moments",
                condition=Q(stage=Stage.WAITING, applied_at=None, undone_at=None)
                | Q(stage=Stage.UNDONE, applied_at=None, undone_at__isnull=False)
                | Q(stage=Stage.APPLYING, applied_at__isnull=False, undone_at=None, finished_at=None)
                | Q(stage=Stage.APPLIED, applied_at__isnull=False, undone_at=None, finished_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["takes_effect_at"], name="planned_change_due", condition=Q(stage=Stage.WAITING))
        ]

    def __str__(self) -> str:
        return f"change {self.pk} of account {self.account_id}"

    @property
    def ending(self) -> Ending:
        """How it treats tokens that exist."""
        spread = Spread(self.spread_days) if self.spread_days else None
        return Ending(Existing(self.existing), self.existing_end, spread)

    @property
    def hit(self) -> int:
        """How many tokens it was to shorten or revoke when it was saved."""
        return int(self.figures.get("shortened", 0) + self.figures.get("revoked", 0))

    @property
    def began_at(self) -> datetime:
        """When the rules changed. Raises ValueError before that."""
        if self.applied_at is None:
            raise ValueError(f"{self} has not begun")
        return self.applied_at
