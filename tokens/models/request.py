"""A token that somebody asks for, where it takes another person's word."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tokens.models.token import AccessToken

# So long a request waits for its answer, and an approved one for its owner.
WAITS_FOR = timedelta(days=14)
MOST_OPEN = 5  # requests of one person


class RequestState(models.TextChoices):
    """Only the arrows from open to the next four, and from approved to withdrawn, lapsed and used exist."""

    OPEN = "open", _("Waiting for an answer")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Lapsed")
    USED = "used", _("Generated")


CLOSED = (RequestState.REFUSED, RequestState.WITHDRAWN, RequestState.LAPSED, RequestState.USED)


class TokenRequestQuerySet(models.QuerySet["TokenRequest"]):
    def waiting(self) -> "TokenRequestQuerySet":
        """Those that nobody has answered yet."""
        return self.filter(state=RequestState.OPEN)

    def overdue(self, *, now: datetime) -> "TokenRequestQuerySet":
        """Those that nothing can come of any more: too old, or for a time that is over."""
        is_late = Q(state=RequestState.OPEN, made_at__lte=now - WAITS_FOR)
        is_left = Q(state=RequestState.APPROVED, decided_at__lte=now - WAITS_FOR)
        is_past = Q(state=RequestState.OPEN, expires_at__lte=now)
        return self.filter(is_late | is_left | is_past | Q(state=RequestState.APPROVED, approved_end__lte=now))


class TokenRequest(models.Model):
    """What a person asks for, and what became of it. Only `tokens.requests` writes it.

    `expires_at` is the end that they want, None standing for no end; `approved_end` the one that they may have. Who
    approved is None where the school's policy did at once. It is the owner who makes the token of an approved request,
    so that nobody else sees its secret.
    """

    person = models.ForeignKey(User, models.PROTECT, related_name="token_requests")
    purpose = models.CharField(_("purpose"), max_length=255)
    why = models.CharField(max_length=255)
    scopes = ArrayField(models.CharField(max_length=255), default=list)
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=9, choices=RequestState, default=RequestState.OPEN)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)  # when it was open no more
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_end = models.DateTimeField(null=True)
    reason = models.CharField(max_length=255, blank=True)
    token = models.OneToOneField(AccessToken, models.PROTECT, null=True, related_name="request")

    objects = TokenRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="request_state_known", condition=Q(state__in=RequestState.values)),
            models.CheckConstraint(name="request_purpose_given", condition=Q(purpose__regex=r"^\S(.*\S)?$")),
            models.CheckConstraint(name="request_why_given", condition=Q(why__regex=r"\S")),
            models.CheckConstraint(
                name="request_decided_when",
                condition=Q(state=RequestState.OPEN, decided_at=None, decided_by=None)
                | (~Q(state=RequestState.OPEN) & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="request_used_has_token",
                condition=Q(state=RequestState.USED, token__isnull=False)
                | (~Q(state=RequestState.USED) & Q(token=None)),
            ),
            models.CheckConstraint(
                name="request_refused_has_reason", condition=~Q(state=RequestState.REFUSED) | Q(reason__regex=r"\S")
            ),
            models.CheckConstraint(
                name="request_never_longer",
                condition=~Q(state__in=[RequestState.APPROVED, RequestState.USED])
                | Q(expires_at=None)
                | Q(approved_end__isnull=False, approved_end__lte=F("expires_at")),
            ),
            models.CheckConstraint(
                name="request_not_its_own", condition=Q(decided_by=None) | ~Q(decided_by=F("person"))
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="request_of_person"),
            models.Index(fields=["made_at"], name="request_open", condition=Q(state=RequestState.OPEN)),
            models.Index(fields=["decided_at"], name="request_unused", condition=Q(state=RequestState.APPROVED)),
        ]

    def __str__(self) -> str:
        return self.purpose

    @property
    def is_automatic(self) -> bool:
        """Whether the policy approved it at once."""
        return self.state in (RequestState.APPROVED, RequestState.USED) and self.decided_by_id is None

    @property
    def usable_until(self) -> datetime:
        """Until when the token of an approved request can be made."""
        last = (self.decided_at or self.made_at) + WAITS_FOR
        return last if self.approved_end is None else min(last, self.approved_end)

    def is_usable(self, now: datetime) -> bool:
        """Whether its owner can make the token at `now`, as far as the request goes."""
        return self.state == RequestState.APPROVED and now < self.usable_until

    def facts(self) -> dict[str, Any]:
        """What the audit trail keeps of it."""
        return {name: getattr(self, name) for name in ("purpose", "why", "state", "expires_at", "scopes")}
