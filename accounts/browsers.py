"""In which browsers somebody is signed in: since when, from where, for how long at most, and the end of it.

A session ends SESSION_HOURS after it began, whatever happens in it, and SESSION_IDLE_MINUTES after its last use.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import models, transaction

from accounts.audit import record
from accounts.origins import origin

if TYPE_CHECKING:
    from accounts.models import User

BEGAN, SEEN = "began", "seen"  # in a session: seconds since 1970
NOTED_EVERY = 300  # seconds between two notes of its use; a write for every page would be too many


class Browser(models.Model):
    """A browser with somebody's session in it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="browsers")
    session_key = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=255, blank=True)

    def __str__(self) -> str:
        return f"{self.person_id} since {self.began_at}"


def begin(session: SessionBase, person: "User", *, now: datetime) -> None:
    """Note that somebody has signed in just now."""
    session[BEGAN] = session[SEEN] = now.timestamp()
    if session.session_key is None:  # it was another person's before
        session.save()
    _write(session, person.pk, now)


def is_over(session: SessionBase, *, now: datetime) -> bool:
    """Whether somebody's session has lasted long enough; one from before these were noted begins now."""
    moment = now.timestamp()
    began, seen = session.get(BEGAN, moment), session.get(SEEN, moment)
    return bool(moment - began >= _longest().total_seconds() or moment - seen >= _idle().total_seconds())


def note(session: SessionBase, *, now: datetime) -> None:
    """Note that a session is used, if that was not noted lately."""
    moment = now.timestamp()
    if moment - session.get(SEEN, 0) < NOTED_EVERY:
        return
    session[SEEN] = moment
    session.setdefault(BEGAN, moment)
    _write(session, int(session[SESSION_KEY]), now)


def _write(session: SessionBase, person_id: int, now: datetime) -> None:
    came_from = origin.get()
    seen: dict[str, Any] = {"person_id": person_id, "seen_at": now, "address": came_from.address}
    seen["agent"] = came_from.agent
    began = datetime.fromtimestamp(session[BEGAN], now.tzinfo)
    Browser.objects.update_or_create(
        session_key=session.session_key, defaults=seen, create_defaults={**seen, "began_at": began}
    )


def forget(session_key: str | None) -> None:
    """Drop the note of a session that its own browser ends."""
    Browser.objects.filter(session_key=session_key).delete()


def rename(before: str | None, after: str | None) -> None:
    """Go on with the note of a session that has another name now."""
    Browser.objects.filter(session_key=before).update(session_key=after)


def signed_in(*, now: datetime, person: "User | None" = None) -> models.QuerySet[Browser]:
    """Those whose sessions go on, the last used first."""
    going = Session.objects.filter(expire_date__gt=now).values("session_key")
    found = Browser.objects.filter(session_key__in=going, began_at__gt=now - _longest(), seen_at__gt=now - _idle())
    return (found if person is None else found.filter(person=person)).order_by("-seen_at", "-pk")


@transaction.atomic
def end(browsers: Iterable[Browser], *, actor: "User | None", now: datetime, reason: str = "") -> int:
    """Sign people out of these browsers, with a line for each person; return how many browsers that were."""
    found = list(browsers)
    Session.objects.filter(session_key__in=[each.session_key for each in found]).delete()
    Browser.objects.filter(pk__in=[each.pk for each in found]).delete()
    for person_id in sorted({each.person_id for each in found}):
        count = sum(each.person_id == person_id for each in found)
        facts = {"person": person_id, "subject_id": person_id, "after": {"count": count}, "reason": reason}
        record("session.end", actor=actor, now=now, **facts)
    return len(found)


def end_others(person: "User", *, here: str | None, actor: "User | None", now: datetime) -> int:
    """Sign somebody out of every browser but the one whose session has the key `here`; return how many that were."""
    return end(signed_in(person=person, now=now).exclude(session_key=here), actor=actor, now=now)


def sweep(*, now: datetime) -> int:
    """Drop sessions that are over, and the notes of those that are gone; return how many sessions that were."""
    over = Browser.objects.filter(models.Q(began_at__lte=now - _longest()) | models.Q(seen_at__lte=now - _idle()))
    done = models.Q(expire_date__lte=now) | models.Q(session_key__in=over.values("session_key"))
    gone, _each = Session.objects.filter(done).delete()
    Browser.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return gone


def _longest() -> timedelta:
    return timedelta(hours=settings.SESSION_HOURS)


def _idle() -> timedelta:
    return timedelta(minutes=settings.SESSION_IDLE_MINUTES)
