"""An exemption from the cap, for a while: the honest form of giving a student another role."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Role, User

LONGEST_EXEMPTION = timedelta(days=180)


class ExemptionQuerySet(models.QuerySet["Exemption"]):
    def holding(self, *, now: datetime) -> "ExemptionQuerySet":
        """`Exemption.holds` for the database."""
        return self.filter(ended_at=None, starts_at__lte=now, ends_at__gt=now)


class Exemption(models.Model):
    """Lifts the cap of one person, or of all whose role counts in an account or below it, until `ends_at`.

    Until then their tokens may live as long past that moment as the cap lets them (see `policies.decision.Decision`).
    For a person, `account` is where whoever approved it has the right to.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="exemptions")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="exemptions")
    role = models.ForeignKey(Role, models.PROTECT, null=True, related_name="exemptions")
    reason = models.CharField(max_length=255)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # where somebody ended it early
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    warned_at = models.DateTimeField(null=True)  # when word went out that it ends soon

    objects = ExemptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="exemption_of_person_or_role",
                condition=Q(person__isnull=False, role=None) | Q(person=None, role__isnull=False),
            ),
            models.CheckConstraint(name="exemption_has_reason", condition=Q(reason__regex=r"\S")),
            models.CheckConstraint(
                name="exemption_bounded",
                condition=Q(ends_at__gt=F("starts_at")) & Q(ends_at__lte=F("starts_at") + LONGEST_EXEMPTION),
            ),
        ]
        indexes = [
            models.Index(fields=["person", "ends_at"], name="exemption_person", condition=Q(ended_at=None)),
            models.Index(fields=["role", "ends_at"], name="exemption_role", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"exemption {self.pk} of {self.person or self.role}"

    def holds(self, now: datetime) -> bool:
        """Whether it lifts the cap at `now`."""
        return self.ended_at is None and self.starts_at <= now < self.ends_at
