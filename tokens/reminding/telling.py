"""Telling owners of the ends of their tokens: each one word a day of all that is due, each step of a token once.

In batches of people, each in a transaction with the words that it owes, so that a run that was killed at any point
goes on in the next one. The database holds both "once": what another run has told is left out, and whatever is missed
is told late.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.people import memberships
from policies.models import Policy
from policies.rules import Rules
from tokens import notifications
from tokens.events import Event
from tokens.models import AccessToken, Notice, Reminder, ReminderStep, State, TokenDay
from tokens.reminding.ladder import AFTER, AT_END, OLD_NEWS, Life
from tokens.verification import Outcome

BATCH = 500  # people
MORNING = 8  # the hour of an owner's day before which they hear nothing
A_DAY = timedelta(days=1)
STILL = 7  # days without a try, and a token that has ended is left in peace
KEPT = 60  # days after an end
# Words that have just said when a token ends: the step that the new end has reached is told with them.
_SAYING_THE_END = (Event.ISSUE, Event.UPDATE, Event.REGENERATE, Event.CLAMP, Event.IMPORT)
_BEGIN = """
    INSERT INTO tokens_reminder (person_id, day) SELECT * FROM unnest(%s::bigint[], %s::date[])
    ON CONFLICT DO NOTHING RETURNING person_id
"""
_NOTE = """
    INSERT INTO tokens_reminderstep (token_id, ends_on, step)
    SELECT * FROM unnest(%s::bigint[], %s::date[], %s::smallint[])
    ON CONFLICT DO NOTHING RETURNING token_id
"""


class _Due(NamedTuple):
    """A token of which its owner is to be told."""

    token: AccessToken
    ends_on: date
    step: int

    @property
    def is_over(self) -> bool:
        return self.step <= AT_END


def remind_in_batches(*, now: datetime) -> Iterator[int]:
    """Tell batch by batch, each in a transaction of its own where none is open: how many people were told."""
    near = _told_of(_earliest(), now)
    theirs = AccessToken.objects.filter(near, user=OuterRef("pk"))
    owners, last = User.objects.filter(Exists(theirs), is_active=True).order_by("pk"), 0
    while people := list(owners.filter(pk__gt=last).only("pk", "time_zone")[:BATCH]):
        last = people[-1].pk
        yield _remind({each.pk: each for each in people if is_morning_for(each, now=now)}, near, now)


def is_morning_for(person: User, *, now: datetime) -> bool:
    """Whether the day of a person has come so far that mails which come by the day may."""
    return now.astimezone(person.zone).hour >= MORNING


def forget(*, now: datetime) -> int:
    """Drop what was told of ends long past; return how many rows."""
    long_ago = now.date() - A_DAY * KEPT
    steps = ReminderStep.objects.filter(ends_on__lt=long_ago).delete()[0]
    return steps + Reminder.objects.filter(day__lt=long_ago).delete()[0]


def _earliest() -> int:
    """How many days before an end somebody is told of it, in whichever account."""
    said = Policy.objects.exclude(notice_days=None).values_list("notice_days", flat=True)
    return max((*Rules().notice_days, *(day for days in said for day in days or ())))


def _told_of(earliest: int, now: datetime) -> Q:
    """Tokens that may have come to a step.

    Not those that wait to be activated: nobody has them yet. Once they have ended they are known by that somebody else
    made them, and that nobody used them.
    """
    near = Q(expires_at__gt=now - A_DAY * (OLD_NEWS + 1), expires_at__lte=now + A_DAY * (earliest + 1))
    was_taken = Q(creator=None) | Q(last_used_at__isnull=False)
    return near & (Q(state__in=(State.ACTIVE, State.SUSPENDED)) | Q(state=State.EXPIRED) & was_taken)


@transaction.atomic
def _remind(people: Mapping[int, User], near: Q, now: datetime) -> int:
    due = _due(people, near, now)
    said = _just_said({each.token.user_id for each in due}, now)
    news = {each.token.pk: each for each in due if each.is_over or (each.token.pk, each.token.expires_at) not in said}
    begun = _begin({each.token.user_id for each in news.values()}, people, now)
    noted = _note(each for each in due if each.token.pk not in news or each.token.user_id in begun)
    told: dict[int, list[_Due]] = {}
    for pk, each in news.items():
        if pk in noted:
            told.setdefault(each.token.user_id, []).append(each)
    notifications.owe_each(Event.ENDING, {owner: _facts(theirs) for owner, theirs in told.items()}, now=now)
    return len(told)


def _due(people: Mapping[int, User], near: Q, now: datetime) -> list[_Due]:
    """Of the tokens of these people those that came to a step of which nobody was told."""
    found = AccessToken.objects.filter(near, user__in=people).defer("verifier", "tag", "scopes")
    tokens = list(found.order_by("expires_at", "pk"))
    homes = {pk: each.home for pk, each in memberships(people, now=now).items()}
    rules = Policy.objects.rules_for_many(homes.values())
    tried, due = _tried([each.pk for each in tokens if each.is_past(now)], now), []
    for token in tokens:
        if token.expires_at is not None:
            life = Life(token.secret_made_at, token.expires_at, people[token.user_id].zone)
            ladder = rules[homes[token.user_id]].notice_days
            step = life.due(ladder, is_tried=token.pk in tried, now=now)
            if step is not None:
                due.append(_Due(token, token.expires_at.astimezone(UTC).date(), step))
    steps = ReminderStep.objects.filter(token__in=[each.token.pk for each in due])
    known = set(steps.values_list("token_id", "ends_on", "step"))
    return [each for each in due if (each.token.pk, each.ends_on, each.step) not in known]


def _tried(token_ids: Collection[int], now: datetime) -> set[int]:
    """Those of them that were refused lately because they have ended."""
    lately = TokenDay.objects.filter(token__in=token_ids, day__gt=now.astimezone(UTC).date() - A_DAY * STILL)
    return set(lately.filter(outcomes__has_key=Outcome.EXPIRED.value).values_list("token_id", flat=True))


def _just_said(owner_ids: Collection[int], now: datetime) -> set[tuple[int, datetime]]:
    """The tokens, with their ends, of which these people had another word within the last day."""
    lately = Notice.objects.filter(person__in=owner_ids, event__in=_SAYING_THE_END, created_at__gt=now - A_DAY)
    said = lately.values_list("facts", flat=True)
    told = ((token["id"], token["expires_at"]) for facts in said for token in facts["tokens"])
    return {(pk, datetime.fromisoformat(end)) for pk, end in told if end}


def _begin(owner_ids: Iterable[int], people: Mapping[int, User], now: datetime) -> set[int]:
    """Begin the word of today; return to whom there was none yet."""
    ids = sorted(owner_ids)  # in one order, so that no two runs wait for each other
    return _inserted(_BEGIN, ids, [now.astimezone(people[each].zone).date() for each in ids])


def _note(due: Iterable[_Due]) -> set[int]:
    """Note the steps as told; return the tokens of which nobody else has told them meanwhile."""
    rows = sorted((each.token.pk, each.ends_on, each.step) for each in due)
    return _inserted(_NOTE, *(list(column) for column in zip(*rows, strict=True))) if rows else set()


def _inserted(statement: str, *columns: list[Any]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(columns))
        return {key for (key,) in cursor.fetchall()}


def _facts(due: Iterable[_Due]) -> dict[str, Any]:
    """What the word says, in three lists."""
    lists: dict[str, list[AccessToken]] = {"ending": [], "ended": [], "tried": []}
    for each in due:
        lists[{AT_END: "ended", AFTER: "tried"}.get(each.step, "ending")].append(each.token)
    return {name: [_listed(token) for token in tokens] for name, tokens in lists.items()}


def _listed(token: AccessToken) -> dict[str, Any]:
    [facts] = notifications.facts_of([token])
    used = token.last_used_at.isoformat() if token.last_used_at else None
    return {**facts, "last_used_at": used, "is_suspended": token.state == State.SUSPENDED}
