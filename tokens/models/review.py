"""An access review: whether the tokens of an account are still needed, as their owners say; the rows are its report."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from tokens.models.token import AccessToken


class ReviewStage(models.TextChoices):
    """From open over closing to closed; cancelled from both before."""

    OPEN = "open", _("Open")
    CLOSING = "closing", _("Being closed")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


GOING = (ReviewStage.OPEN, ReviewStage.CLOSING)


class Answer(models.TextChoices):
    """What an owner says of a token."""

    NONE = "", _("No answer")
    NEEDED = "needed", _("Still needed")
    NOT_NEEDED = "not_needed", _("No longer needed")


class Outcome(models.TextChoices):
    """What came of a token; RESUMED is a late answer to SUSPENDED."""

    WAITING = "", _("Open")
    KEPT = "kept", _("Kept")
    REVOKED = "revoked", _("Revoked by its owner")
    SUSPENDED = "suspended", _("Suspended, as nobody answered")
    RESUMED = "resumed", _("Suspended, and resumed by a late answer")
    STOPPED = "stopped", _("No answer; it did not work anyway")
    ENDED = "ended", _("Ended meanwhile")


class Review(models.Model):
    """One review of an account's subtree. What is not answered when it is due is suspended."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stage = models.CharField(max_length=9, choices=ReviewStage, default=ReviewStage.OPEN)
    finished_at = models.DateTimeField(null=True)
    size = models.PositiveIntegerField(default=0)  # tokens
    people = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="review_stage_known", condition=Q(stage__in=ReviewStage.values)),
            models.CheckConstraint(name="review_named", condition=Q(name__regex=r"\S")),
            models.CheckConstraint(name="review_due_after_opening", condition=Q(due_at__gte=F("opened_at"))),
            models.CheckConstraint(
                name="review_finished_when",
                condition=Q(stage__in=GOING, finished_at=None) | (~Q(stage__in=GOING) & Q(finished_at__isnull=False)),
            ),
            models.UniqueConstraint(fields=["account"], name="review_going_once", condition=Q(stage__in=GOING)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_going(self) -> bool:
        return self.stage in GOING


class ReviewItem(models.Model):
    """A token under review, as it stood at the opening, with what its owner said and what came of it."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="items", db_index=False)
    token = models.ForeignKey(AccessToken, models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    purpose = models.CharField(max_length=255)
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    new_purpose = models.CharField(max_length=255, blank=True)  # where the owner corrected it
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "token"], name="review_item_once"),
            models.CheckConstraint(name="review_answer_known", condition=Q(answer__in=Answer.values)),
            models.CheckConstraint(name="review_outcome_known", condition=Q(outcome__in=Outcome.values)),
            models.CheckConstraint(
                name="review_answered_when",
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="review_settled_when",
                condition=Q(outcome="", settled_at=None) | (~Q(outcome="") & Q(settled_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["review", "owner", "token"], name="review_item_open", condition=Q(outcome="")),
            models.Index(fields=["owner", "review"], name="review_item_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.token_id}: {self.answer}"


class RoundKind(models.TextChoices):
    """When owners are told."""

    OPENING = "opening", _("At the opening")
    WEEK = "week", _("A week before")
    DAY = "day", _("The day before")
    AGAIN = "again", _("By hand")


class ReviewRound(models.Model):
    """One word to all who have not answered everything, and to whom it has come, by their ids."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="rounds")
    kind = models.CharField(max_length=7, choices=RoundKind)
    made_at = models.DateTimeField()
    told_to = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="review_round_known", condition=Q(kind__in=RoundKind.values)),
            models.UniqueConstraint(
                fields=["review", "kind"], name="review_round_once", condition=~Q(kind=RoundKind.AGAIN)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.review_id}"
