"""Opening a review: what it would ask of whom, and the tokens in use at that moment, written down by one statement.

Where a review goes on, none is opened above or below it: each report is whole, and an owner is asked of a token once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from accounts.audit import moment, record
from accounts.models import Account, User
from accounts.people import homed_in
from policies.refusals import Code, refuse
from tokens.models import GOING, AccessToken, AccessTokenQuerySet, Review, ReviewRound, RoundKind
from tokens.texts import clean_name

LEAST_DAYS, DEFAULT_DAYS, MOST_DAYS = 7, 21, 90
MOST_LETTERS = 100
# Of someone whose home has moved since another review was opened, that one asks on.
_TAKE = """
    INSERT INTO tokens_reviewitem (review_id, token_id, owner_id, purpose, answer, new_purpose, outcome)
    SELECT %s, found.id, found.user_id, found.purpose, '', '', '' FROM ({found}) AS found (id, user_id, purpose)
    WHERE NOT EXISTS (
        SELECT FROM tokens_reviewitem i JOIN tokens_review r ON r.id = i.review_id
        WHERE i.token_id = found.id AND i.outcome = '' AND r.stage IN ('open', 'closing')
    )
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What a review would ask: of how many tokens, how many people, and how many of these no mail can reach."""

    tokens: int
    people: int
    without_mail: int


def look(account: Account, *, now: datetime) -> Look:
    """Look at what a review that is opened now would ask."""
    found = _in_use(account, now).order_by()
    owners = User.objects.filter(pk__in=found.values("user_id"))
    return Look(found.count(), owners.count(), owners.filter(email="").count())


@transaction.atomic
def open_review(account: Account, *, name: str | None, days: int, actor: User, now: datetime) -> Review:
    """Ask the owners of all tokens in use below an account. Whether `actor` may is the doors' question.

    Raises Refused(name_*, number_out_of_range, or review_going where one goes on here, above or below).
    """
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise refuse(Code.NUMBER_OUT_OF_RANGE, "days", least=LEAST_DAYS, most=MOST_DAYS)
    name = clean_name(name)
    if len(name) > MOST_LETTERS:
        raise refuse(Code.REVIEW_NAME_TOO_LONG, "name", most=MOST_LETTERS)
    _require_room(account)
    review = Review.objects.create(
        account=account, name=name, opened_by=actor, opened_at=now, due_at=now + timedelta(days=days)
    )
    review.size = _take(review, now)
    review.people = review.items.order_by().values("owner_id").distinct().count()
    review.save(update_fields=["size", "people"])
    ReviewRound.objects.create(review=review, kind=RoundKind.OPENING, made_at=now)
    after = {"name": name, "due_at": moment(review.due_at), "tokens": review.size, "people": review.people}
    record("review.open", actor=actor, now=now, account=account, subject_id=review.pk, after=after)
    return review


def _require_room(account: Account) -> None:
    """Let one be opened at a time, and see that none goes on whose subtree meets this one."""
    Account.objects.select_for_update(no_key=True, of=("self",)).get(parent=None)
    meets = Q(account__in=account.path) | Q(account__path__contains=[account.pk])
    if Review.objects.filter(meets, stage__in=GOING).exists():
        raise refuse(Code.REVIEW_GOING)


def _in_use(account: Account, now: datetime) -> AccessTokenQuerySet:
    return AccessToken.objects.in_use(now=now).filter(user__in=homed_in([account.pk], now=now))


def _take(review: Review, now: datetime) -> int:
    """Write the tokens down; how many they are."""
    found, params = _in_use(review.account, now).order_by().values("pk", "user_id", "purpose").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(found=found), [review.pk, *params])
        return int(cursor.rowcount)
