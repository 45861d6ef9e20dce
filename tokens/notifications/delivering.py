"""Mail what is owed: each notice once, though workers die, and the mail server refuses or is away.

A worker claims some notices by a lease, writes into the row of each that it tries before it hands it over, and marks it
as sent as soon as the mail server has taken it. One that dies between these two moments leaves a mail that went out
and is not marked: mail servers know no transactions, so no order of the two rules that out. It goes out again when the
lease is over, with the same Message-ID, by which a mailbox drops what it has had. Each death costs one such mail at
most, since every mail is marked by itself.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q

from accounts.mails import Mail, Often
from tokens.models import Notice
from tokens.notifications.kinds import mail_of
from tokens.notifications.wording import letter

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 10  # within four days, about as long as mail servers try
LEASE = timedelta(minutes=15)
AWAY = timedelta(minutes=1)
LONGEST_WAIT = timedelta(days=1)
# A worker begins nothing so late in its lease that another could begin it too: timeouts end a mail long before that.
WORKS_FOR = LEASE / 3


def deliver(*, now: datetime, most: int = 100) -> int:
    """Mail up to `most` notices that are due over one connection; return of how many nothing is left to do.

    These the mail server took, or nobody wants them.
    """
    until = now + LEASE
    claimed = _claim(now, until, most)
    if not claimed:
        return 0
    mails, ends, done = get_connection(), monotonic() + WORKS_FOR.total_seconds(), 0
    try:
        while claimed and monotonic() < ends:
            if not _reach(mails):
                _give_back(claimed, until, due_at=now + AWAY)
                return done
            done += _deliver_one(claimed.pop(0), now, until, mails)
        _give_back(claimed, until, due_at=now)
    finally:
        mails.close()
    return done


@transaction.atomic
def _claim(now: datetime, until: datetime, most: int) -> list[int]:
    """The ids of notices that nobody else has, the oldest first; they are ours until the lease is over."""
    is_due = Q(due_at=None) | Q(due_at__lte=now)
    waiting = Notice.objects.filter(sent_at=None, withheld_at=None, attempts__lt=MOST_ATTEMPTS)
    due = waiting.filter(is_due).order_by("pk")
    ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:most])
    Notice.objects.filter(pk__in=ids).update(due_at=until)
    return ids


def _give_back(ids: list[int], until: datetime, *, due_at: datetime) -> None:
    """Leave what was not begun to the next run; it counts as no attempt."""
    Notice.objects.filter(pk__in=ids, sent_at=None, due_at=until).update(due_at=due_at)


def _reach(mails: BaseEmailBackend) -> bool:
    """Open the connection where it is not open."""
    try:
        mails.open()
    except OSError as error:  # SMTP errors are OSErrors too
        logger.warning("The mail server cannot be reached: %s", error)
        return False
    return True


def _deliver_one(pk: int, now: datetime, until: datetime, mails: BaseEmailBackend) -> bool:
    notice = _begin(pk, until)
    if notice is None:
        return False
    try:
        if not _is_wanted(notice):
            Notice.objects.filter(pk=pk).update(withheld_at=now, last_error="")
            return True
        mails.send_messages([letter(notice)])
    except Exception as error:  # noqa: BLE001  # one that cannot be written or mailed must not hold up the others
        logger.warning("Notice %s was not taken by the mail server: %s", pk, error)
        _put_off(notice, error, now)
        mails.close()  # it may be half way through the conversation
        return False
    Notice.objects.filter(pk=pk).update(sent_at=now, last_error="")
    return True


def _begin(pk: int, until: datetime) -> Notice | None:
    """Note that it is tried, before it is: one that kills its worker each time comes to an end too.

    None where it was taken back meanwhile, or the lease is somebody else's.
    """
    ours = Notice.objects.filter(pk=pk, sent_at=None, withheld_at=None, due_at=until)
    if not ours.update(attempts=F("attempts") + 1):
        return None
    return Notice.objects.select_related("person").filter(pk=pk).first()


def _is_wanted(notice: Notice) -> bool:
    """Asked when it is tried, so that it counts what the person wants by then."""
    person, kind = notice.person, mail_of(notice.event)
    if kind == Mail.DIGEST and person.digest == Often.OFF:
        return False
    return bool(person.email) and kind not in person.unwanted_mails


def _put_off(notice: Notice, error: Exception, now: datetime) -> None:
    """Wait a minute after the first attempt, four times as long after each further one, a day at most.

    After the last one it waits for nothing.
    """
    wait = min(timedelta(minutes=4 ** (notice.attempts - 1)), LONGEST_WAIT)
    due_at = now + wait if notice.attempts < MOST_ATTEMPTS else None
    said = f"{type(error).__name__}: {error}".replace("\0", "")[: Notice.ERROR_LENGTH]
    Notice.objects.filter(pk=notice.pk, sent_at=None).update(due_at=due_at, last_error=said)
