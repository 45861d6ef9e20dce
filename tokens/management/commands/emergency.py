"""`manage.py emergency status|pause|lift`: the emergency stop, for whoever stands at the machine."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from accounts.models import Account, Course, User
from accounts.people import membership
from accounts.roles import Base
from policies.refusals import Refused
from policies.wording import sentence
from tokens import emergency
from tokens.emergency import Target, target_of
from tokens.emergency.shapes import pause_of
from tokens.models import Pause
from tokens.stops import Whom


class Command(BaseCommand):
    """Look, pause, lift. The operator may do all of it, in the trail without a name or in that of `--by`."""

    help = "Stop tokens at once: say what is paused, pause the tokens of many, lift a pause."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, whose tokens, why and in whose name."""
        acts = parser.add_subparsers(dest="act", required=True)
        status = acts.add_parser("status", help="say what is paused, or with whose tokens, what a pause would cover")
        pause = acts.add_parser("pause", help="refuse these tokens from the next request on, until it is lifted")
        lift = acts.add_parser("lift", help="let the tokens of a pause work again")
        for act in (status, pause):
            act.add_argument("--everything", action="store_true", help="all tokens of the school")
            act.add_argument("--account", help="of everybody in it and below: its number, its SIS id, or root")
            act.add_argument("--role", choices=list(map(str, Base)), help="of those of this kind in the account")
            act.add_argument("--course", help="of everybody in it: its SIS id or its code")
        pause.add_argument("--reason", required=True, help="for administrators and the audit log")
        pause.add_argument("--words", default="", help="a sentence to the owners")
        lift.add_argument("number", type=int, help="of the pause, as status says it")
        for act in (status, pause, lift):
            act.add_argument("--json", action="store_true", help="answer as the API does")
        for act in (pause, lift):
            act.add_argument("--by", metavar="LOGIN", help="who does it; within their rights")

    def handle(self, *, act: str, **options: Any) -> None:
        """Do it. Raises CommandError."""
        acts: dict[str, Callable[..., None]] = {"status": self._status, "pause": self._pause, "lift": self._lift}
        try:
            acts[act](now=timezone.now(), **options)
        except Refused as refused:
            raise CommandError(" ".join(map(sentence, refused.refusals))) from refused
        except PermissionDenied as denied:
            raise CommandError("That is beyond the rights of this person.") from denied

    def _status(self, *, now: datetime, json: bool, **options: Any) -> None:
        if any(options[name] for name in ("everything", "account", "role", "course")):
            covered = emergency.covered(_target(options, None, now).stop, now=now)
            if json:
                return self._write(covered.facts())
            return self.stdout.write(
                f"{covered.tokens} tokens of {covered.people} people, {covered.used} used in the last 24 hours"
            )
        found = list(Pause.objects.in_force().select_related("account", "course", "made_by").order_by("pk"))
        if json:
            return self._write([pause_of(each) for each in found])
        for each in found:
            self.stdout.write(f"{each.pk}: {_said(each)}, since {each.made_at:%Y-%m-%d %H:%M} UTC: {each.reason}")
        return self.stdout.write("" if found else "Nothing is paused.")

    def _pause(self, *, now: datetime, json: bool, by: str | None, reason: str, words: str, **options: Any) -> None:
        actor = _person(by)
        target = _target(options, actor, now)
        made = emergency.pause(target, reason=reason, words=words, actor=actor, now=now)
        if json:
            return self._write(pause_of(made))
        figures = made.figures
        return self.stdout.write(
            f"Paused: {_said(made)}: {figures['tokens']} tokens of {figures['people']} people, {figures['used']} of "
            f"them used in the last 24 hours. To lift it: manage.py emergency lift {made.pk}"
        )

    def _lift(self, *, now: datetime, json: bool, by: str | None, number: int, **_options: Any) -> None:
        found = Pause.objects.filter(pk=number).first()
        if found is None:
            raise CommandError(f"There is no pause {number}.")
        lifted = emergency.lift(found, actor=_person(by), now=now)
        if json:
            return self._write(pause_of(lifted))
        return self.stdout.write(f"Lifted: {_said(lifted)}. These tokens work again.")

    def _write(self, facts: object) -> None:
        self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2))


def _target(options: dict[str, Any], actor: User | None, now: datetime) -> Target:
    """Whose tokens the command line names. Raises CommandError, Refused or PermissionDenied."""
    standing = None if actor is None else membership(actor, now=now).standing
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


def _person(login: str | None) -> User | None:
    if not login:
        return None
    found = User.objects.filter(login_id__iexact=login).first()
    if found is None:
        raise CommandError(f"There is nobody with the sign-in {login}.")
    return found


def _said(pause: Pause) -> str:
    """What is stopped, in words."""
    if pause.account is None:
        return "everything"
    if pause.course is not None:
        return f"the course {pause.course.code}"
    return f"{pause.base + 's in ' if pause.base else 'the account '}{pause.account.name}"
