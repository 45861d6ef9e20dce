"""What the database knows of the journal of endings: its own name, the pages, and what stands or is to stand on them.

The rows of lines are written by triggers (migration 0042), so that nothing that ends gets past them.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class JournalBook(models.Model):
    """One row: which database this is, through all its backups; and which page some host has missed in it.

    `lineage` names the directory of the journal. A backup carries it, a new database has another one. As long as there
    is no page with that number and mark, the doors are closed on every host.
    """

    lineage = models.CharField(max_length=32)
    missing_number = models.BigIntegerField(null=True)
    missing_mark = models.CharField(max_length=16, blank=True, default="", db_default="")

    class Meta:
        constraints = [models.CheckConstraint(name="journal_one_book", condition=Q(id=1))]

    def __str__(self) -> str:
        return self.lineage


class JournalPage(models.Model):
    """What was written to the journal at once. A row is committed before its page is written: see `tokens.journal`.

    `mark` is random, and tells it from a page that has the same number in another course of events.
    """

    number = models.BigIntegerField(primary_key=True)
    mark = models.CharField(max_length=16)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["at"], name="journal_page_by_time")]

    def __str__(self) -> str:
        return f"{self.number}:{self.mark}"


class JournalLine(models.Model):
    """One ending, or that one was taken back; owed to the journal until it has a page.

    `lookup_id` is that of a token, of an earlier secret or of a service; `facts` hold no secret either.
    """

    at = models.DateTimeField()
    what = models.CharField(max_length=16)
    lookup_id = models.CharField(max_length=16, blank=True)
    facts = models.JSONField(default=dict)
    page = models.ForeignKey(JournalPage, models.CASCADE, null=True, related_name="lines")

    class Meta:
        indexes = [models.Index(fields=["id"], name="journal_line_owed", condition=Q(page=None))]

    def __str__(self) -> str:
        return f"{self.what} {self.lookup_id}".strip()
