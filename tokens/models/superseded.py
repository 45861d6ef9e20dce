"""A secret that a token had before: for the time of the overlap it still works, and afterwards it is still known."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from policies.overlap import LONGEST_HOURS
from tokens import foreign
from tokens.models.token import AccessToken


class SupersededSecret(models.Model):
    """What is kept of a string that a rotation put aside (see tokens/secrets.py). Only `tokens.lifecycle` writes it.

    It works until `works_until`, as far as its token does. The database lets no two of one token work at once, and
    nobody move that moment to a later one.
    """

    token = models.ForeignKey(AccessToken, models.PROTECT, related_name="superseded")
    lookup_id = models.CharField(max_length=16)
    tag = models.BinaryField(max_length=32)
    tag_key = models.CharField(max_length=64)
    verifier = models.CharField(max_length=255, blank=True, default="")
    superseded_at = models.DateTimeField()
    works_until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lookup_id"], name="superseded_lookup_id_once"),
            models.CheckConstraint(
                name="superseded_briefly",
                # No least: what was put aside by a clock that was ahead can be stopped at once by another one.
                condition=Q(works_until__lte=F("superseded_at") + timedelta(hours=LONGEST_HOURS)),
            ),
            models.CheckConstraint(  # as for tokens: a plain hash decides only for what was imported
                name="superseded_by_hash",
                condition=Q(tag_key=foreign.KEY, verifier="") | (~Q(tag_key=foreign.KEY) & ~Q(verifier="")),
            ),
        ]
        indexes = [models.Index(fields=["works_until"], name="superseded_by_end")]

    def __str__(self) -> str:
        return self.lookup_id
