"""How an event is written: appended in the transaction of the change itself, never changed after.

A database trigger refuses UPDATE, DELETE and TRUNCATE on the table.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

if TYPE_CHECKING:
    from accounts.models import Account, User


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act came from: one request, one command, one job."""

    request_id: str = ""
    address: str | None = None
    agent: str = ""


origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039  # frozen


class AuditEvent(models.Model):
    """One line of the trail. `actor` is None for the portal's own jobs; `person` is whom it touches."""

    at = models.DateTimeField()
    action = models.CharField(max_length=64)
    actor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey("accounts.Account", models.PROTECT, null=True, related_name="+")
    subject_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = models.CharField(max_length=255, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=255, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-id"], name="audit_person"),
            models.Index(fields=["action", "subject_id"], name="audit_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_id or ''}".strip()


def line(
    action: str,
    *,
    actor: "User | None",
    now: datetime,
    person: "User | int | None" = None,
    account: "Account | None" = None,
    subject_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """Build one line, not yet written. `action` is `thing.verb`, as `token.revoke`; its subject is the thing's id."""
    came_from = origin.get()
    return AuditEvent(
        at=now,
        action=action,
        actor=actor,
        person_id=person if isinstance(person, int) or person is None else person.pk,
        account=account,
        subject_id=subject_id,
        before=before or {},
        after=after or {},
        reason=reason,
        request_id=came_from.request_id,
        address=came_from.address,
        agent=came_from.agent[:255],
    )


def record(action: str, *, actor: "User | None", now: datetime, **facts: Any) -> AuditEvent:
    """Write one line; `facts` are those of `line`."""
    event = line(action, actor=actor, now=now, **facts)
    event.save(force_insert=True)
    return event


def record_many(lines: Iterable[AuditEvent]) -> None:
    """Write the lines of a batch."""
    AuditEvent.objects.bulk_create(lines, batch_size=1000)
