"""How an event is written: appended in the transaction of the change itself, never changed after.

A database trigger refuses UPDATE, DELETE and TRUNCATE on the table; `accounts.chain` shows whether it was got round.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import Q

from accounts.origins import origin

if TYPE_CHECKING:
    from accounts.models import Account, User


_ENCODER = DjangoJSONEncoder()


class AuditEvent(models.Model):
    """One line of the trail. `actor` is None for the portal's own jobs; `person` is whom it touches.

    `carried_by` is the lookup id of the token by which the actor called. The database adds a column `xact`, the number
    of the transaction, by which lines are sealed.
    """

    at = models.DateTimeField()
    action = models.CharField(max_length=64)
    # No index of their own: those below begin with them, and a line is written with everything.
    actor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    person = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    account = models.ForeignKey("accounts.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    subject_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = models.CharField(max_length=255, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=255, blank=True)
    carried_by = models.CharField(max_length=16, blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["at", "id"], name="audit_time"),
            models.Index(fields=["person", "-id"], name="audit_person"),
            models.Index(fields=["actor", "at", "id"], name="audit_actor"),
            models.Index(fields=["action", "subject_id"], name="audit_subject"),
            models.Index(fields=["account"], name="audit_account", condition=Q(account__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_id or ''}".strip()

    @property
    def kind(self) -> str:
        """What the event is about, as `token`."""
        return kind_of(self.action)


class AuditSeal(models.Model):
    """The place of a line in the chain, counted from 1, with the hash over the line and the seal before."""

    place = models.BigIntegerField(primary_key=True)
    line = models.BigIntegerField(unique=True)  # no foreign key: that a line is gone is to be found, not prevented
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.place}:{bytes(self.hash).hex()}"


def kind_of(action: str) -> str:
    """The thing in `thing.verb`."""
    return action.partition(".")[0]


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
        carried_by=came_from.token,
    )


def record(action: str, *, actor: "User | None", now: datetime, **facts: Any) -> AuditEvent:
    """Write one line; `facts` are those of `line`."""
    event = line(action, actor=actor, now=now, **facts)
    event.save(force_insert=True)
    return event


def actions_written() -> list[str]:
    """Every action of which the trail holds a line; by as many looks into an index, however long the trail."""
    with connection.cursor() as cursor:
        cursor.execute("""
            WITH RECURSIVE found (action) AS (
                (SELECT action FROM accounts_auditevent ORDER BY action LIMIT 1)
                UNION ALL
                SELECT (SELECT e.action FROM accounts_auditevent e WHERE e.action > f.action ORDER BY e.action LIMIT 1)
                FROM found f WHERE f.action IS NOT NULL
            )
            SELECT action FROM found WHERE action IS NOT NULL
        """)
        return [action for (action,) in cursor.fetchall()]


def moment(at: datetime | None) -> str | None:
    """A moment as the facts of a line keep it, for statements that write lines themselves."""
    return None if at is None else _ENCODER.default(at)


def record_many(lines: Iterable[AuditEvent]) -> None:
    """Write the lines of a batch."""
    AuditEvent.objects.bulk_create(lines, batch_size=1000)


# Of before and after what differs: a look into each of both, for each line.
_DIFFERENCE = """
    SELECT person_id, account_id, subject_id, before - same AS before, after - same AS after
    FROM written, LATERAL (SELECT ARRAY(SELECT key FROM jsonb_each(before) WHERE after -> key = value) AS same) AS kept
"""


def record_written(
    action: str,
    statement: str,
    params: Mapping[str, Any],
    *,
    actor: "User | None",
    now: datetime,
    reason: str = "",
    differs: bool = False,
) -> list[int | None]:
    """Run a statement that writes many rows, with one line for each in the same stroke; return the lines' persons.

    Its RETURNING gives the columns person_id, account_id, subject_id, before and after, the last two as jsonb of which
    only what differs is kept; `differs` says that all of it does. `params` are the statement's own.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH written (person_id, account_id, subject_id, before, after) AS ({statement})
            INSERT INTO accounts_auditevent
                (at, action, actor_id, person_id, account_id, subject_id, before, after,
                 reason, request_id, address, agent, carried_by)
            SELECT %(line_at)s, %(line_action)s, %(line_actor)s, person_id, account_id, subject_id, before, after,
                %(line_reason)s, %(line_request)s, %(line_address)s, %(line_agent)s, %(line_token)s
            FROM {"written" if differs else f"({_DIFFERENCE}) AS kept"}
            RETURNING person_id
            """,  # noqa: S608  # the statement is one of ours, its values are in `params`
            {**params, **_line_params(action, actor, now, reason)},
        )
        return [person_id for (person_id,) in cursor.fetchall()]


def _line_params(action: str, actor: "User | None", now: datetime, reason: str) -> dict[str, Any]:
    event = line(action, actor=actor, now=now, reason=reason)
    return {
        "line_at": event.at,
        "line_action": event.action,
        "line_actor": event.actor_id,
        "line_reason": event.reason,
        "line_request": event.request_id,
        "line_address": event.address,
        "line_agent": event.agent,
        "line_token": event.carried_by,
    }
