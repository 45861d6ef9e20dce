"""The mails of the portal as administrators look at them: which wait, which went out, and which never will."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.audit import record
from accounts.finding import search
from accounts.mails import Mail
from accounts.models import User
from tokens.models import Notice
from tokens.notifications import EVENTS, MOST_ATTEMPTS


class Stage(models.TextChoices):
    """How far a mail is."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    GIVEN_UP = "given_up", _("Given up")
    WITHHELD = "withheld", _("Not wanted")


def _given_up(now: datetime) -> Q:
    """Tried as often as it ever is, and in no worker's hands."""
    is_free = Q(due_at=None) | Q(due_at__lte=now)
    return Q(sent_at=None, withheld_at=None, attempts__gte=MOST_ATTEMPTS) & is_free


def stage_of(notice: Notice, *, now: datetime) -> Stage:
    if notice.sent_at:
        return Stage.SENT
    if notice.withheld_at:
        return Stage.WITHHELD
    is_free = notice.due_at is None or notice.due_at <= now
    return Stage.GIVEN_UP if is_free and notice.attempts >= MOST_ATTEMPTS else Stage.WAITING


def of_stage(stage: Stage, *, now: datetime) -> Q:
    """What is at a stage."""
    waits = Q(sent_at=None, withheld_at=None)
    return {
        Stage.SENT: Q(sent_at__isnull=False),
        Stage.WITHHELD: Q(withheld_at__isnull=False),
        Stage.GIVEN_UP: _given_up(now),
        Stage.WAITING: waits & (Q(attempts__lt=MOST_ATTEMPTS) | Q(due_at__gt=now)),
    }[stage]


def mails(
    *, stage: Stage | None = None, kind: Mail | None = None, event: str = "", words: str = "", now: datetime
) -> QuerySet[Notice]:
    """The mails that are asked for, the newest first; `words` are those by which people are found."""
    found = Notice.objects.select_related("person").order_by("-pk")
    if stage is not None:
        found = found.filter(of_stage(stage, now=now))
    if kind is not None:
        found = found.filter(event__in=EVENTS[kind])
    if event:
        found = found.filter(event=event)
    return found.filter(person__in=search(User.objects.all(), words).only("pk")) if words else found


@transaction.atomic
def retry(notices: QuerySet[Notice], *, actor: User, now: datetime) -> int:
    """Let those of them that were given up be tried again, as if they were new; return how many. Twice does it once."""
    count = notices.order_by().filter(_given_up(now)).update(attempts=0, due_at=None)
    if count:
        record("notice.retry", actor=actor, now=now, after={"count": count})
    return count
