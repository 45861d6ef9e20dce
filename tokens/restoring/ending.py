"""Ending again what has ended: by the verbs that ended it, each with its line in the trail. A second time does nothing.

It only ever ends. What was resumed, lifted or switched on again after the backup is left as the backup has it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import Q

from accounts import enrolling
from accounts.denials import Denied
from accounts.locks import lock_people
from accounts.models import User
from accounts.prepared import fetch_all
from tokens import lifecycle, verifiers
from tokens.feeds import keeping as feeds
from tokens.models import AccessToken, CalendarFeed, State, SupersededSecret, Verifier
from tokens.reasons import Reason
from tokens.restoring import pausing
from tokens.restoring.folding import Endings, Person

BATCH = 500
WHY = Reason("Ended before a backup was restored, and ended again after it")
Advance = Callable[[int], None]
_BY_NAME = "SELECT lookup_id, id FROM tokens_accesstoken WHERE lookup_id = ANY(%s::text[])"
_CALENDARS = "SELECT person_id FROM tokens_calendarfeed WHERE left(encode(digest, 'hex'), 16) = ANY(%s::text[])"


def end_again(endings: Endings, *, now: datetime, advance: Advance) -> tuple[Counter[str], list[str]]:
    """End it; how many of each kind that changed anything, and sentences about what could not be ended."""
    done, failed = Counter[str](), list[str]()
    for some in _batches(endings.revoked):
        done["revoked"] += len(lifecycle.revoke_many(_ids_of(endings, some), actor=None, now=now, reason=WHY))
        advance(len(some))
    for some in _batches(endings.suspended - endings.revoked):
        done["suspended"] += _suspend(_ids_of(endings, some), now)
        advance(len(some))
    for some in _batches(endings.dead):
        done["secrets"] += _bury(endings, some, now)
        advance(len(some))
    for some in _batches(endings.ends):
        done["shortened"] += _shorten(endings, some, now)
        advance(len(some))
    done["services"] = _end_services(endings.verifiers, now)
    done["calendars"] = _end_calendars(endings.calendars, now)
    for person in endings.people.values():
        done["people"] += _switch_off(person, failed, now)
    for facts in endings.pauses.values():
        done["pauses"] += pausing.pause_again(facts, failed, now=now)
    return done, failed


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(sorted(names))
    while some := list(islice(rest, BATCH)):
        yield some


def _ids_of(endings: Endings, tokens: Iterable[str]) -> list[int]:
    names = [name for token in tokens for name in endings.names_of(token)]
    return [pk for _name, pk in fetch_all(_BY_NAME, [names])]


def _suspend(ids: list[int], now: datetime) -> int:
    """Suspend; what waits for its owner cannot be, and has never worked: it is revoked."""
    waiting = AccessToken.objects.filter(pk__in=ids, state=State.PENDING).values_list("pk", flat=True)
    revoked = lifecycle.revoke_many(list(waiting), actor=None, now=now, reason=WHY)
    return len(revoked) + len(lifecycle.suspend_many(ids, actor=None, now=now, reason=WHY))


def _bury(endings: Endings, names: list[str], now: datetime) -> int:
    """End secrets that had a successor: nobody knows that any more, so their owners make a new one.

    The token gets the end of its secret, and stays to be renewed.
    """
    count = 0
    for name, pk in fetch_all(_BY_NAME, [names]):
        count += len(lifecycle.shorten_many([pk], endings.dead[name] or now, actor=None, now=now, reason=WHY))
    put_aside = SupersededSecret.objects.filter(lookup_id__in=names, works_until__gt=now).select_related("token")
    for kept in put_aside:
        until = endings.dead[kept.lookup_id]
        if until is None or until <= now:
            lifecycle.end_overlap(kept.token, actor=None, now=now, reason=WHY)
            count += 1
    return count


def _shorten(endings: Endings, tokens: list[str], now: datetime) -> int:
    count = 0
    for token in tokens:
        end = endings.ends[token]
        if end is not None:
            count += len(lifecycle.shorten_many(_ids_of(endings, [token]), end, actor=None, now=now, reason=WHY))
    return count


def _end_services(names: Collection[str], now: datetime) -> int:
    found = list(Verifier.objects.filter(lookup_id__in=names, revoked_at=None))
    for verifier in found:
        verifiers.revoke(verifier, actor=None, now=now)
    return len(found)


def _end_calendars(names: Collection[str], now: datetime) -> int:
    people = [pk for (pk,) in fetch_all(_CALENDARS, [list(names)])]
    for feed in CalendarFeed.objects.filter(person__in=people).select_related("person"):
        feeds.stop(feed.person, now=now)
    return len(people)


def _switch_off(person: Person, failed: list[str], now: datetime) -> int:
    found = _find(person)
    if found is None:
        return 0
    try:
        with transaction.atomic():
            return int(enrolling.set_active(found, False, actor=None, now=now, reason=WHY.text))
    except Denied as denied:  # nobody else would keep the rules
        failed.append(f"{person.login} was deactivated, and cannot be now ({denied}); their tokens are stopped")
    with transaction.atomic():
        lock_people([found.pk])
        lifecycle.stop_all([found.pk], actor=None, now=now, reason=WHY.text)
    return 0


def _find(person: Person) -> User | None:
    """By our number, unless somebody got it after the restore; else by the roster's, or by their sign-in name."""
    ways = [Q(pk=person.id, created_at=person.since), Q(login_id__iexact=person.login)]
    if person.sis:
        ways.insert(1, Q(sis_user_id=person.sis))
    return next((found for way in ways if (found := User.objects.filter(way).first())), None)
