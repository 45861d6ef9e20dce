"""The overview for administrators: what ends, waits, or went wrong where they administrate; once a day or a week each.

In batches of people, each in a transaction with its mails and with the rows that hold "once". Where all numbers are
zero no mail is owed.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from accounts.mails import Often
from accounts.models import Account, User
from accounts.people import Membership, counting, memberships
from accounts.roles import Permission
from tokens import notifications
from tokens.events import DigestEvent
from tokens.inventory.figures import figures_of
from tokens.inventory.reach import tokens_below
from tokens.models import BulkAct, Digest, Flag
from tokens.outbox import Stage, mails
from tokens.permissions import requests_to_answer
from tokens.reminding import is_morning_for

BATCH = 100  # people
A_DAY = timedelta(days=1)
KEPT = 60  # days
_BEGIN = """
    INSERT INTO tokens_digest (person_id, begins_on) SELECT * FROM unnest(%s::bigint[], %s::date[])
    ON CONFLICT DO NOTHING RETURNING person_id
"""
Numbers = dict[str, Any]


def owe_in_batches(*, now: datetime) -> Iterator[int]:
    """Owe batch by batch: how many people get an overview."""
    sees = counting(now).filter(user=OuterRef("pk"), role__permissions__contains=[Permission.TOKENS_VIEW])
    people, last = User.objects.filter(Exists(sees), is_active=True).exclude(digest=Often.OFF).order_by("pk"), 0
    of_accounts: dict[int, Numbers] = {}  # what one administrator is told of an account the next one is told too
    while some := list(people.filter(pk__gt=last)[:BATCH]):
        last = some[-1].pk
        yield _owe([each for each in some if is_morning_for(each, now=now)], of_accounts, now)


def forget(*, now: datetime) -> int:
    """Drop what holds that nobody gets two for a time long past; return how many rows."""
    return Digest.objects.filter(begins_on__lt=now.date() - A_DAY * KEPT).delete()[0]


@transaction.atomic
def _owe(people: list[User], of_accounts: dict[int, Numbers], now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [[each.pk for each in people], [_begins_on(each, now) for each in people]])
        begun = {key for (key,) in cursor.fetchall()}
    known = memberships(begun, now=now)
    said = {each.pk: _said(each, known[each.pk], of_accounts, now) for each in people if each.pk in begun}
    owed = {pk: facts for pk, facts in said.items() if any(facts.values())}
    notifications.owe_each(DigestEvent.SEND, owed, now=now)
    return len(owed)


def _begins_on(person: User, now: datetime) -> date:
    """Their day, or the Monday of their week."""
    today = now.astimezone(person.zone).date()
    return today if person.digest == Often.DAILY else today - A_DAY * today.weekday()


def _said(person: User, known: Membership, of_accounts: dict[int, Numbers], now: datetime) -> Numbers:
    accounts = sorted(known.standing.accounts_with(Permission.TOKENS_VIEW))
    told = [_of_account(pk, known, of_accounts, now) for pk in accounts]
    since = now - (A_DAY if person.digest == Often.DAILY else A_DAY * 7)
    acts = BulkAct.objects.filter(made_by=person, finished_at__gt=since, left__gt=0)
    reads_all = known.home[0] in known.standing.accounts_with(Permission.AUDIT_VIEW)
    return {
        "accounts": [numbers for numbers in told if any(numbers[name] for name in ("ending", "idle", "flags"))],
        "requests": requests_to_answer(person, known, now=now).waiting().count(),
        "acts": acts.count(),
        "given_up": mails(stage=Stage.GIVEN_UP, now=now).order_by().count() if reads_all else 0,
    }


def _of_account(pk: int, viewer: Membership, kept: dict[int, Numbers], now: datetime) -> Numbers:
    """The numbers of the pages about an account, looked up once a run."""
    if pk not in kept:
        figures = figures_of(tokens_below([pk], viewer, now=now), now=now)
        kept[pk] = {
            "id": pk,
            "name": Account.objects.get(pk=pk).name,
            "ending": figures.ending_soon,
            "idle": figures.idle,
            "flags": Flag.objects.below(frozenset({pk}), now=now).undecided().count(),
        }
    return kept[pk]
