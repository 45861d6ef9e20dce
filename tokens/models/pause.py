"""An emergency stop that can be lifted: a row, in force from the next request on, for as long as it is open."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Course, User
from accounts.people import counting, homed_in
from accounts.prepared import fetch_one
from accounts.roles import Base, Permission
from tokens.reasons import Reason, ReasonCode
from tokens.stops import Stop, Whom, stop_of

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # what a missing last use stands for where tokens are sorted
WHOM = {
    Whom.EVERYTHING: _("Everything"),
    Whom.ACCOUNT: _("An account and all below it"),
    Whom.ROLE: _("A role within an account"),
    Whom.COURSE: _("A course"),
}

# A column for every statement that judges tokens: the pauses in force, NULL while there is none. It depends on no other
# table, so that it is asked once a statement; the index of open pauses answers, however many were lifted.
STOPS = """NULLIF(ARRAY(
    SELECT json_build_array(p.account_id, p.base, p.course_id, p.rights)::text
    FROM tokens_pause p WHERE p.lifted_at IS NULL
), '{}')"""


def stops_column() -> RawSQL:
    """STOPS for a query of the ORM, to be annotated as `stops`."""
    return RawSQL(STOPS, (), output_field=ArrayField(models.TextField()))  # noqa: S611  # a text of ours


class PauseQuerySet(models.QuerySet["Pause"]):
    def in_force(self) -> "PauseQuerySet":
        """Those that nobody has lifted."""
        return self.filter(lifted_at=None)


class Pause(models.Model):
    """Whose tokens are refused, why, by whose word, from when to when. Kept for good when it is lifted.

    `rights` are those of whoever made it, where they do not hold all: it does not reach those who hold more. `figures`
    is what it covered when it was made; `words` is what owners read beside what the pause says to everybody. The rest
    is where a job is that may die at any point: owners up to the id `told_to` are told of it and their tokens are in
    its report, and of those who were told, up to `untold_to` know that it was lifted.
    """

    whom = models.CharField(max_length=10, choices=[(each.value, label) for each, label in WHOM.items()])
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    base = models.CharField(max_length=8, blank=True, choices=[(base.value, base.value) for base in Base])
    course = models.ForeignKey(Course, models.PROTECT, null=True, related_name="+")
    rights = ArrayField(models.CharField(max_length=32), null=True)
    reason = models.CharField(max_length=255, blank=True)
    reason_code = models.CharField(max_length=16, blank=True, default="", db_default="", choices=ReasonCode)
    words = models.CharField(max_length=255, blank=True)
    figures = models.JSONField(default=dict)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    told_to = models.BigIntegerField(default=0)
    told = models.PositiveIntegerField(default=0, db_default=0)  # people
    told_at = models.DateTimeField(null=True)  # when everybody was
    untold_to = models.BigIntegerField(default=0)
    untold = models.PositiveIntegerField(default=0, db_default=0)  # people
    untold_at = models.DateTimeField(null=True)
    measured_at = models.DateTimeField(null=True)  # when the uses in its report were counted last

    objects = PauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pause_whom_fits",
                condition=Q(whom=Whom.EVERYTHING, account=None, base="", course=None)
                | Q(whom=Whom.ACCOUNT, account__isnull=False, base="", course=None)
                | Q(whom=Whom.ROLE, account__isnull=False, base__in=list(Base), course=None)
                | Q(whom=Whom.COURSE, account__isnull=False, base="", course__isnull=False),
            ),
            models.CheckConstraint(
                name="pause_reason_given",
                condition=Q(reason__regex=r"^\S(.*\S)?$") | Q(reason="", reason_code__gt=""),
            ),
            models.CheckConstraint(
                name="pause_lifted_when",
                condition=Q(lifted_at=None, lifted_by=None, untold_at=None) | Q(lifted_at__gte=F("made_at")),
            ),
            models.UniqueConstraint(
                fields=["whom", "account", "base", "course", "rights"],
                condition=Q(lifted_at=None),
                nulls_distinct=False,
                name="pause_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="pause_open", condition=Q(lifted_at=None)),
            models.Index(fields=["-made_at", "-id"], name="pause_by_time"),
        ]

    def __str__(self) -> str:
        return f"pause {self.pk} of {self.whom}"

    @property
    def stop(self) -> Stop:
        """What it stops, as the judgement takes it."""
        return Stop(
            self.account_id,
            Base(self.base) if self.base else None,
            self.course_id,
            None if self.rights is None else frozenset(map(Permission, self.rights)),
        )

    @property
    def why(self) -> Reason:
        """The reason that was given."""
        return Reason(self.reason, self.reason_code)

    def facts(self) -> dict[str, Any]:
        """What the audit trail keeps of it."""
        return {
            "whom": self.whom,
            "account": self.account_id,
            "base": self.base,
            "course": self.course_id,
            "words": self.words,
            **self.why.facts,
        }


class PausedToken(models.Model):
    """A token that was in use when a pause stopped it: a line of its report, kept when the pause is lifted.

    `requests` are those of the 24 hours before, `tried` those that were refused since; both are counted late.
    `tried_before` were refused on that day by pauses before it.
    """

    pause = models.ForeignKey(Pause, models.PROTECT, related_name="tokens", db_index=False)
    token = models.ForeignKey("tokens.AccessToken", models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    last_used_at = models.DateTimeField(null=True)
    last_used_ip = models.GenericIPAddressField(null=True)
    requests = models.PositiveBigIntegerField(default=0)
    tried = models.PositiveBigIntegerField(default=0)
    tried_before = models.PositiveBigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pause", "token"], name="paused_token_once")]
        indexes = [
            models.Index(
                F("pause"),
                F("requests").desc(),
                Coalesce("last_used_at", Value(LONG_AGO)).desc(),
                F("id"),
                name="paused_token_busiest",
            )
        ]

    def __str__(self) -> str:
        return f"token {self.token_id} in pause {self.pause_id}"


def stops_in_force() -> list[Stop]:
    """The pauses in force, as values; in one query."""
    row = fetch_one(f"SELECT {STOPS}", [])
    return stops_of(row[0]) if row else []


def stops_of(texts: Sequence[str] | None) -> list[Stop]:
    """What a statement has read as STOPS."""
    return [stop_of(text) for text in texts or ()]


def people_hit(stop: Stop, *, now: datetime) -> Q:
    """`Stop.hits` for the database, as a condition on people; a test holds the two together."""
    held = counting(now).filter(user=OuterRef("pk"))
    found = Q() if stop.account_id is None else Q(pk__in=homed_in([stop.account_id], now=now))
    if stop.base is not None:
        found &= Q(Exists(held.filter(role__base=stop.base)))
    if stop.course_id is not None:
        found &= Q(Exists(held.filter(course=stop.course_id)))
    if stop.rights is not None:
        found &= ~Q(Exists(held.exclude(role__permissions__contained_by=sorted(stop.rights))))
    return found
