"""Whose calendar an address shows. One a person; a new one takes the place of the last at once."""

from datetime import datetime

from django.db import transaction

from accounts.audit import record
from accounts.locks import lock_people
from accounts.models import User
from tokens import journal
from tokens.events import CalendarEvent
from tokens.feeds import addresses
from tokens.models import CalendarFeed


@transaction.atomic
def make(person: User, *, now: datetime) -> str:
    """Give a person an address and return it: it is kept nowhere. What they had before is dead."""
    lock_people([person.pk])
    address = addresses.generate()
    kept = {"digest": addresses.digest_of(address), "made_at": now}
    feed, is_new = CalendarFeed.objects.update_or_create(person=person, defaults=kept)
    event = CalendarEvent.MAKE if is_new else CalendarEvent.ROLL
    record(event, actor=person, now=now, person=person, subject_id=feed.pk)
    journal.owe()
    return address


@transaction.atomic
def stop(person: User, *, now: datetime) -> None:
    """Show their calendar nowhere any more. A second time changes nothing."""
    lock_people([person.pk])
    feed = CalendarFeed.objects.filter(person=person).first()
    if feed is not None:
        record(CalendarEvent.STOP, actor=person, now=now, person=person, subject_id=feed.pk)
        feed.delete()
        journal.owe()


def find_since(person: User) -> datetime | None:
    """Since when their calendar has its address; None where it has none."""
    return CalendarFeed.objects.filter(person=person).values_list("made_at", flat=True).first()


def find_owner(address: str) -> User | None:
    """Whose calendar stands there; nobody's who is switched off. Raises journal.Quarantined."""
    journal.require_open()
    digest = addresses.digest_of(address)
    return User.objects.filter(calendar_feed__digest=digest, is_active=True).first() if digest else None
