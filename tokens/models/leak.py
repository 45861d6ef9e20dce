"""Reports that the secret of a token is in the open."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tokens.models.token import AccessToken


class FoundBy(models.TextChoices):
    """Who reports."""

    SCANNER = "scanner", _("a secret scanner")
    ANYBODY = "anybody", _("somebody who found it")


class Outcome(models.TextChoices):
    """What was done. Only a report with the whole right secret does anything."""

    OPEN = "", _("being dealt with")
    REVOKED = "revoked", _("revoked")
    SUSPENDED = "suspended", _("suspended")
    ENDED = "ended", _("nothing: it had ended before")
    REPLACED = "replaced", _("nothing: its secret had been replaced before")
    WRONG = "wrong", _("nothing: the secret was wrong")


class Leak(models.Model):
    """One report about one place. Of what was presented stand here only the lookup id, and whether the rest was right.

    `place` is a scanner's word for the kind of place, such as `commit`; both it and `url` are masked.
    """

    token = models.ForeignKey(AccessToken, models.PROTECT, related_name="leaks")
    lookup_id = models.CharField(max_length=16)
    is_right = models.BooleanField()
    found_by = models.CharField(max_length=7, choices=FoundBy)
    place = models.CharField(max_length=64, blank=True)
    url = models.CharField(max_length=500, blank=True)
    reported_at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "lookup_id", "is_right", "found_by", "place", "url"], name="leak_reported_once"
            ),
            models.CheckConstraint(name="leak_outcome_known", condition=Q(outcome__in=Outcome.values)),
            models.CheckConstraint(
                name="leak_settled_when",
                condition=Q(outcome=Outcome.OPEN, settled_at=None)
                | (~Q(outcome=Outcome.OPEN) & Q(settled_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="leak_wrong_does_nothing", condition=Q(is_right=True) | Q(outcome=Outcome.WRONG)
            ),
        ]
        indexes = [models.Index(fields=["token"], name="leak_open", condition=Q(settled_at=None))]

    def __str__(self) -> str:
        return f"{self.lookup_id} at {self.url or self.place or self.found_by}"
