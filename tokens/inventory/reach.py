"""Whose tokens an inventory is about."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from accounts.people import Membership, homed_in
from tokens.models import AccessToken, AccessTokenQuerySet

FEW = 1_000  # people


class _AnyOf(Func):
    """Whether a number is one of a constant array's: looked up in the index, one after the other."""

    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY("
    output_field: Any = BooleanField()


class _OneOf(_AnyOf):
    """The same for a large array, which PostgreSQL puts into a hash table once, whatever its size.

    Inside of CASE, where it asks the statistics about the column, and not about each number.
    """

    template = "CASE WHEN %(expressions)s::bigint[]) THEN true ELSE false END"


def owned_by(rows: QuerySet[Any, Any], owner: str = "user_id") -> Q:
    """Belongs to one of the people that `owner` of the rows names. Asks once, however many statements it stands in."""
    people = rows.order_by().values(owner).distinct()
    found = people.aggregate(ids=Cast(ArrayAgg(owner), TextField()))  # as text, which nobody takes apart on the way
    return owned_by_people(found["ids"] or "{}")


def owned_by_people(ids: str) -> Q:
    """Belongs to one of the people of an array, as PostgreSQL writes it.

    Of few people the tokens are looked up, of many it is cheaper to look at each token.
    """
    test = _AnyOf if ids.count(",") < FEW else _OneOf
    return Q(test(F("user_id"), Value(ids)))


def tokens_below(account_ids: Collection[int], viewer: Membership, *, now: datetime) -> AccessTokenQuerySet:
    """The tokens of the people whose home account lies in the subtree of one of the accounts.

    Below the root, with which the viewer's home like every path begins, that is everybody: nobody's home is looked up.
    """
    if viewer.home[0] in account_ids:
        return AccessToken.objects.all()
    return AccessToken.objects.filter(owned_by(homed_in(account_ids, now=now), "pk"))
