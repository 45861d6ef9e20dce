"""Who may bring tokens in, and for whom."""

from collections.abc import Collection
from datetime import datetime

from accounts.people import Membership, memberships
from accounts.roles import Permission
from tokens.importing.bringing import Reach


def may_import(known: Membership) -> bool:
    """Whether somebody keeps the rules of the whole school.

    An imported token works at once: whoever could bring one in with a secret of their own would hold a key of
    somebody else's, which is why the right to make tokens for others is not enough.
    """
    return known.home[0] in known.standing.accounts_with(Permission.POLICY_EDIT)


def reach_of(known: Membership, *, now: datetime) -> Reach:
    """Those for whom somebody may make tokens: nobody who holds rights that they lack themselves."""

    def reach(ids: Collection[int]) -> set[int]:
        people = memberships(ids, now=now)
        return {pk for pk, person in people.items() if known.may(Permission.TOKENS_CREATE, person)}

    return reach
