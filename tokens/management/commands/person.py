"""`manage.py person deactivate|reactivate|reset-factors LOGIN --by LOGIN`: switch a person off or on, or let them in.

`reset-factors` takes the second step of signing in from who has lost it; without --by it is the operator's act.
"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import leaving as switching
from accounts.denials import Denied
from accounts.factors import keeping
from accounts.models import User
from policies.refusals import Refused, of_denied
from policies.wording import sentence
from tokens import leaving
from tokens.lifecycle import Fate
from tokens.texts import clean_reason


class Command(BaseCommand):
    """Whoever can run this can write the database as well; what `--by` may do holds all the same (rule R9)."""

    help = "Deactivate a person, with what becomes of their tokens, let them sign in again, or reset their second step."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, to whom, and as whom."""
        acts = parser.add_subparsers(dest="act", required=True)
        off, on, reset = (acts.add_parser(name) for name in ("deactivate", "reactivate", "reset-factors"))
        off.add_argument("--tokens", choices=[*Fate], default=str(Fate.END), help="what becomes of the tokens")
        for act in (off, on, reset):
            act.add_argument("login", help="the person's sign-in name")
            act.add_argument("--by", required=act is not reset, help="the sign-in name of who does it")
            act.add_argument("--reason", default="", help="why, for the audit log and for the person")

    def handle(self, *, act: str, login: str, by: str | None, reason: str, tokens: str = "", **_options: Any) -> None:
        """Do it and say so, or say why not: exit code 1, or 2 for a name that nobody has."""
        person, actor = _named(login), None if by is None else _named(by)
        try:
            if actor is None or act == "reset-factors":
                self._reset_factors(person, actor, reason)
            elif act == "deactivate":
                self._deactivate(person, Fate(tokens), actor, reason)
            else:
                self._reactivate(person, actor, reason)
        except PermissionDenied as denied:
            raise CommandError(f"{by} may not do this to {login}.") from denied
        except Denied as denied:
            self._say(of_denied(denied))
        except Refused as refused:
            self._say(refused)

    def _deactivate(self, person: User, fate: Fate, actor: User, reason: str) -> None:
        left = leaving.deactivate(person, fate=fate, actor=actor, now=timezone.now(), reason=reason)
        self.stdout.write(f"{person.login_id} is deactivated. Tokens ended: {left.ended}, suspended: {left.suspended}.")

    def _reactivate(self, person: User, actor: User, reason: str) -> None:
        was_off = switching.reactivate(person, actor=actor, now=timezone.now(), reason=clean_reason(reason))
        self.stdout.write(f"{person.login_id} may sign in{' again' if was_off else ', as before'}.")

    def _reset_factors(self, person: User, actor: User | None, reason: str) -> None:
        had_some = keeping.reset(person, actor=actor, now=timezone.now(), reason=clean_reason(reason))
        self.stdout.write(f"{person.login_id} signs in without a second step{' now' if had_some else ', as before'}.")

    def _say(self, refused: Refused) -> None:
        for refusal in refused.refusals:
            self.stderr.write(f"{refusal.code}: {sentence(refusal)}")
        sys.exit(1)


def _named(login: str) -> User:
    person = User.objects.filter(login_id__iexact=login).first()
    if person is None:
        raise CommandError(f"Nobody signs in as {login}.", returncode=2)
    return person
