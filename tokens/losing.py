"""Ending the tokens of those whom a change of the rules has cost the right to create, where that was asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.locks import lock_people
from accounts.models import Account, User
from accounts.people import Membership, membership, memberships
from accounts.roles import Permission
from accounts.tree import is_within
from policies.comparing import Comparison, Verdict
from policies.preview import census_for
from tokens import lifecycle
from tokens.holdings import owners
from tokens.models import AccessToken

BATCH = 100  # owners


@dataclass(frozen=True, slots=True)
class Loss:
    """A change of settings: in which account, what that said of them before, who ends tokens, when.

    As it names the past, it can be carried out again: then it finds nothing, or what a killed run has left.
    """

    account: Account
    before: Mapping[str, Any]
    actor: User
    at: datetime

    def comparison(self, now: datetime) -> Comparison:
        """The rules of before beside those of today."""
        return Comparison.of(self.account, self.before, now=now).turned()


def find(loss: Loss, *, now: datetime) -> tuple[list[int], int]:
    """Whose tokens are to end, as far as people's shapes tell, and how many tokens that is."""
    viewer, comparison = membership(loss.actor, now=now), loss.comparison(now)
    census, ids, number = census_for(comparison, viewer, now=now), [], 0
    for shape, theirs, count in owners(census, made_by=loss.at):
        if _is_to_end(comparison.of_shape(shape, census), viewer):
            ids += theirs
            number += count
    return sorted(ids), number


def revoke_in_batches(loss: Loss, owner_ids: list[int], *, now: datetime) -> Iterator[int]:
    """End the tokens of these people, each batch in a transaction of its own where none is open: how many."""
    for start in range(0, len(owner_ids), BATCH):
        yield _revoke(loss, owner_ids[start : start + BATCH], now)


@transaction.atomic
def _revoke(loss: Loss, owner_ids: list[int], now: datetime) -> int:
    """Ask the rules and everybody's roles again, now that both are held still."""
    lock_people(owner_ids)
    viewer, comparison = membership(loss.actor, now=now), loss.comparison(now)
    lost = [
        owner_id
        for owner_id, person in memberships(owner_ids, now=now).items()
        if is_within(person.home, [loss.account.pk])
        # Whether somebody may create, no exemption changes.
        and _is_to_end(comparison.of_person(person, exempt_until=None), viewer)
    ]
    tokens = AccessToken.objects.filter(user__in=lost, created_at__lte=loss.at).in_use(now=now)
    reason = _("Who may create tokens was changed.")
    return lifecycle.revoke_many(tokens.values_list("pk", flat=True), actor=loss.actor, now=now, reason=reason)


def _is_to_end(verdict: Verdict, viewer: Membership) -> bool:
    return verdict.loses and viewer.may(Permission.TOKENS_DELETE, verdict.membership)
