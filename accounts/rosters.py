"""What is kept of rosters: how each run of loading one went, and what the last complete one held.

A run is kept in codes and numbers; `accounts.canvas.words` says it to people. Dry runs are not kept.
"""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

RUNS_KEPT = 500
_TOTALS = ("created", "updated", "ended", "bad")


class Outcome(models.TextChoices):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Source(models.TextChoices):
    CANVAS = "canvas", _("Canvas")
    FILES = "files", _("Files")


class RosterRun(models.Model):
    """One run of loading a roster. `code` says why it failed, with `facts` for the sentence."""

    source = models.CharField(max_length=6, choices=Source)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.RUNNING)
    code = models.CharField(max_length=32, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    counts = models.JSONField(default=dict, blank=True)  # by kind of row: created, updated, ended, unchanged, bad
    left_out = models.JSONField(default=dict, blank=True)  # by reason, how many
    problems = models.JSONField(default=list, blank=True)  # the first ones, each with how often it was met

    class Meta:
        constraints = [
            models.CheckConstraint(name="roster_run_outcome_known", condition=models.Q(outcome__in=Outcome.values)),
            models.CheckConstraint(name="roster_run_source_known", condition=models.Q(source__in=Source.values)),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.began_at:%F %T}"

    @property
    def totals(self) -> dict[str, int]:
        """How many rows of any kind were created, updated, ended, and could not be taken."""
        return {what: sum(kind[what] for kind in self.counts.values()) for what in _TOTALS}

    @property
    def changed(self) -> int:
        """How many rows changed something."""
        return sum(self.totals.values()) - self.totals["bad"]


class Seen(models.TextChoices):
    """THERE in the last complete roster; MISSING from it for the first time; ENDED because it was missing twice."""

    THERE = "there"
    MISSING = "missing"
    ENDED = "ended"


class Mentioned(models.Model):
    """One thing that the last complete roster held, by what the roster calls it; see `accounts.sis.complete`."""

    kind = models.CharField(max_length=11)
    key = ArrayField(models.TextField(blank=True))
    seen = models.CharField(max_length=7, choices=Seen, default=Seen.THERE)

    class Meta:
        constraints = [models.CheckConstraint(name="mentioned_seen_known", condition=models.Q(seen__in=Seen.values))]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


def begin(source: Source, *, now: datetime) -> RosterRun:
    """Note that a run begins. One of the same source that still stands there as running was cut off."""
    with transaction.atomic():
        cut_off = RosterRun.objects.filter(source=source, outcome=Outcome.RUNNING)
        cut_off.update(outcome=Outcome.FAILED, code="cut_off", ended_at=now)
        old = RosterRun.objects.order_by("-pk").values_list("pk", flat=True)[RUNS_KEPT - 1 : RUNS_KEPT]
        RosterRun.objects.filter(pk__lte=next(iter(old), 0)).delete()
        return RosterRun.objects.create(source=source, began_at=now)


def end(run: RosterRun, outcome: Outcome, *, now: datetime, **values: Any) -> None:
    """Note how a run has ended."""
    for name, value in {"outcome": outcome, "ended_at": now, **values}.items():
        setattr(run, name, value)
    run.save()


def find_last(source: Source, *, good: bool = False) -> RosterRun | None:
    """The last run of a source that has ended, or the last of those that went well."""
    outcomes = [Outcome.DONE] if good else [Outcome.DONE, Outcome.FAILED]
    return RosterRun.objects.filter(source=source, outcome__in=outcomes).order_by("-pk").first()
