"""What changes one at a time: the rules of the school, each person with what is theirs, and who keeps the rules.

One order everywhere, rules before people before keepers, so that no two transactions wait for each other in a circle.
"""

from collections.abc import Collection

from django.db import OperationalError, connection
from django.db.models import QuerySet
from psycopg.errors import LockNotAvailable

from accounts.models import User

# The keys of advisory locks of the database; any numbers that nothing else there uses.
_RULES, _KEEPERS = 7_221_001, 7_221_006


class RulesAreHeld(Exception):
    """Something that takes long, such as loading a roster, keeps the rules still."""


def lock_people(user_ids: Collection[int]) -> list[User]:
    """Lock people, in id order, until the transaction ends; their roles and tokens change one at a time.

    The rules are held still too: without that a token could be made by the old rules after the clamp for the new
    ones has looked.
    """
    hold_rules()
    return list(_locked(user_ids))


def lock_many(user_ids: Collection[int]) -> None:
    """Lock people as `lock_people` does, where they are so many that reading them would take longer than the lock."""
    hold_rules()
    list(_locked(user_ids).values_list("pk"))


def _locked(user_ids: Collection[int]) -> QuerySet[User]:
    return User.objects.filter(pk__in=user_ids).order_by("pk").select_for_update(no_key=True)


def hold_rules() -> None:
    """Keep every account's rules as they are until this transaction ends; many may hold them at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_RULES])


def take_rules(*, patience: float = 3.0) -> None:
    """Wait until nobody holds the rules, and keep others from holding them until this transaction ends.

    Raises RulesAreHeld after `patience` seconds: whoever wants to hold them meanwhile waits behind this call.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{int(patience * 1000)}ms"])
        try:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_RULES])
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise RulesAreHeld from error
            raise
        cursor.execute("SELECT set_config('lock_timeout', '0', true)")


def lock_keepers() -> None:
    """Let one transaction at a time take the right to edit the rules from somebody, until it ends; the people first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_KEEPERS])
