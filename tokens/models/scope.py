"""A scope that a school has defined for a service of its own."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Scope(models.Model):
    """What a token may be good for at some service, in words that people understand; retired ones are not given out."""

    name = models.CharField(_("scope"), max_length=100, unique=True)
    words = models.CharField(_("what it allows"), max_length=255)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            # RFC 6749 section 3.3 would allow more; these need no quoting anywhere.
            models.CheckConstraint(
                name="scope_name_shape", condition=Q(name__regex=r"^[a-z][a-z0-9_.-]*:[a-z0-9_.:-]+$")
            ),
        ]

    def __str__(self) -> str:
        return self.name
