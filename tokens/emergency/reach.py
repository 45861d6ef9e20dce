"""Whose tokens somebody may stop: of the people at home where they hold `tokens.delete` (rule R5).

A pause reaches nobody who holds rights that its maker lacks there, and is lifted by who reaches as many.
"""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from accounts.models import Account, Course, OpenState
from accounts.roles import Base, Permission, Standing
from accounts.tree import is_within
from policies.refusals import Code, refuse
from tokens.models import Pause
from tokens.stops import Stop, Whom

ALL = frozenset(Permission)


@dataclass(frozen=True, slots=True)
class Target:
    """Whose tokens are to be stopped, as far as whoever asks reaches; `rights` as a pause keeps them."""

    whom: Whom
    account: Account | None = None
    base: Base | None = None
    course: Course | None = None
    rights: frozenset[Permission] | None = None

    @property
    def stop(self) -> Stop:
        """The same as the judgement takes it."""
        account_id = None if self.account is None else self.account.pk
        return Stop(account_id, self.base, None if self.course is None else self.course.pk, self.rights)


def target_of(
    standing: Standing | None,
    whom: Whom,
    *,
    account: Account | None = None,
    base: Base | None = None,
    course: Course | None = None,
) -> Target:
    """What somebody asks to stop; None stands for the operator, who reaches everybody.

    A course is stopped for its people at home in `account`; without one, as far up as the right is held above it.
    Raises Refused(whom_unknown) where something is missing or too much, PermissionDenied out of reach.
    """
    if whom == Whom.COURSE and account is None and course is not None:
        account = _highest(standing, course)
    fits = {
        Whom.EVERYTHING: (account, base, course) == (None, None, None),
        Whom.ACCOUNT: account is not None and base is None and course is None,
        Whom.ROLE: account is not None and base is not None and course is None,
        Whom.COURSE: account is not None and base is None and course is not None,
    }
    if not fits[whom]:
        raise refuse(Code.WHOM_UNKNOWN, "whom")
    return Target(whom, account, base, course, _rights(standing, account))


def accounts_to_stop_in(standing: Standing) -> QuerySet[Account]:
    """The accounts whose people's tokens a person may stop."""
    held = standing.accounts_with(Permission.TOKENS_DELETE)
    return Account.objects.filter(path__overlap=list(held)).exclude(state=OpenState.DELETED)


def may_lift(standing: Standing | None, pause: Pause) -> bool:
    """Whether somebody may lift a pause, whoever made it: it takes the right over all whom it stops."""
    try:
        rights = _rights(standing, pause.account)
    except PermissionDenied:
        return False
    return rights is None or (pause.rights is not None and set(pause.rights) <= rights)


def _highest(standing: Standing | None, course: Course) -> Account:
    path = course.account.path
    held = set(path) if standing is None else standing.accounts_with(Permission.TOKENS_DELETE)
    found = next((pk for pk in path if pk in held), None)
    if found is None:
        raise PermissionDenied
    return Account.objects.get(pk=found)


def _rights(standing: Standing | None, account: Account | None) -> frozenset[Permission] | None:
    """What somebody holds over the people there; None for all rights. Raises PermissionDenied without the one."""
    if standing is None:
        return None
    account = account or Account.objects.root()
    if not is_within(account.path, standing.accounts_with(Permission.TOKENS_DELETE)):
        raise PermissionDenied
    held = standing.permissions_over(account.line)
    return None if held >= ALL else held
