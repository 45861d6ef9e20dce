"""A registered service that may ask the portal about tokens."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Verifier(models.Model):
    """A service with a secret of its own, of the same shape as a token; `lookup_id` is its OAuth client id.

    `owner` is the person responsible for it. `allowed_scopes` limits which scopes it is told of; empty means all.
    """

    name = models.CharField(_("name"), max_length=255)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="verifiers")
    allowed_scopes = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    lookup_id = models.CharField(max_length=16, unique=True)
    tag = models.BinaryField(max_length=32)
    tag_key = models.CharField(max_length=64)
    verifier = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.CheckConstraint(name="verifier_name_given", condition=Q(name__regex=r"^\S(.*\S)?$")),
            models.UniqueConstraint(fields=["name"], condition=Q(revoked_at=None), name="verifier_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
