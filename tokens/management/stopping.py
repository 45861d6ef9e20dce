"""What the command line says about an emergency stop: whose tokens, by whom, and how a pause is said."""

from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q

from accounts.models import Account, Course, User
from accounts.roles import Base, Standing
from tokens.emergency import Target, target_of
from tokens.models import Pause
from tokens.stops import Whom

NAMED = ("everything", "account", "role", "course")


def target_named(options: dict[str, Any], standing: Standing | None) -> Target:
    """Whose tokens the command line names. Raises CommandError, Refused or PermissionDenied."""
    account, course, role = options["account"], options["course"], options["role"]
    if options["everything"]:
        whom = Whom.EVERYTHING
    elif course:
        whom = Whom.COURSE
    else:
        whom = Whom.ROLE if role else Whom.ACCOUNT
    return target_of(
        standing,
        whom,
        account=_account(account) if account else None,
        base=Base(role) if role else None,
        course=_course(course) if course else None,
    )


def _account(reference: str) -> Account:
    if reference == "root":
        return Account.objects.root()
    is_number = reference.isascii() and reference.isdigit() and len(reference) < 19
    named = Q(sis_account_id=reference) | (Q(pk=int(reference)) if is_number else Q())
    account = Account.objects.filter(named).first()
    if account is None:
        raise CommandError(f"There is no account {reference}.")
    return account


def _course(reference: str) -> Course:
    found = list(Course.objects.filter(Q(sis_course_id=reference) | Q(code__iexact=reference))[:2])
    if len(found) != 1:
        raise CommandError(f"There is no course {reference}." if not found else f"{reference} means several courses.")
    return found[0]


def person_named(login: str | None) -> User | None:
    """Who does it; None for the operator. Raises CommandError."""
    if not login:
        return None
    found = User.objects.filter(login_id__iexact=login).first()
    if found is None:
        raise CommandError(f"There is nobody with the sign-in {login}.")
    return found


def pause_named(number: int) -> Pause:
    """The pause of a number. Raises CommandError."""
    found = Pause.objects.select_related("account", "course", "made_by", "lifted_by").filter(pk=number).first()
    if found is None:
        raise CommandError(f"There is no pause {number}.")
    return found


def said(stopped: Pause | Target) -> str:
    """What is stopped, in words."""
    if stopped.account is None:
        return "everything"
    if stopped.course is not None:
        return f"the course {stopped.course.code}"
    return f"{stopped.base + 's in ' if stopped.base else 'the account '}{stopped.account.name}"


def why(pause: Pause) -> str:
    """The reason that was given."""
    return ": ".join(filter(None, (pause.reason_code, pause.reason)))
