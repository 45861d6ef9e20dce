"""That somebody is left who may edit the policy of the whole school: no door takes that right from the last one.

Whoever changes roles or switches people off does it inside `keeping`, after locking the people whom it touches.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from accounts.denials import Denied, Why
from accounts.locks import lock_keepers
from accounts.people import counting
from accounts.roles import Permission


@dataclass(frozen=True, slots=True)
class Keepers:
    """Who holds `policy.edit` at the root and may sign in: at a moment, and those of them who do so without an end."""

    now: frozenset[int]
    for_good: frozenset[int]

    def lose_to(self, after: "Keepers") -> bool:
        """Whether somebody is missing afterwards."""
        return not (self.now <= after.now and self.for_good <= after.for_good)

    def end_in(self, after: "Keepers") -> bool:
        """Whether the step from one to none was taken; where nobody was before, nothing is lost.

        The calendar is a door too: an end in the future for the last role without one leaves nobody on that day.
        """
        return bool((self.now and not after.now) or (self.for_good and not after.for_good))


def keepers(now: datetime) -> Keepers:
    """Ask for them, in one query."""
    held = counting(now).filter(
        account__parent=None, user__is_active=True, role__permissions__contains=[Permission.POLICY_EDIT]
    )
    found = list(held.annotate(until=F("end")).values_list("user_id", "until"))
    return Keepers(
        frozenset(user_id for user_id, _until in found),
        frozenset(user_id for user_id, until in found if until is None),
    )


@contextmanager
def keeping(*, now: datetime) -> Iterator[None]:
    """Raise Denied(nobody_left) where what is done inside would take the right from the last person.

    Two who lose it at once come one after the other here, and the second sees what the first has done. Whoever loses
    nothing waits for nobody.
    """
    before = keepers(now)
    yield
    if before.lose_to(keepers(now)):
        lock_keepers()
        if before.end_in(keepers(now)):
            raise Denied(Why.NOBODY_LEFT)
