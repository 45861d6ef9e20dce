"""`manage.py sign_out LOGIN` and `--everybody`: end the sessions of a person, or of all."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import browsers
from accounts.models import User


class Command(BaseCommand):
    """For when a browser is lost, or who signs in may not be who they say. Tokens stay as they are."""

    help = "Sign a person, or everybody, out of every browser."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whom."""
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("login", nargs="?", help="the person's sign-in name")
        whom.add_argument("--everybody", action="store_true", help="all people")

    def handle(self, *, login: str | None, everybody: bool, **_options: Any) -> None:
        """Do it and say so; exit code 2 for a name that nobody has."""
        person = None if everybody else User.objects.filter(login_id__iexact=login).first()
        if person is None and not everybody:
            raise CommandError(f"Nobody signs in as {login}.", returncode=2)
        now = timezone.now()
        ended = browsers.end(browsers.signed_in(person=person, now=now), actor=None, now=now)
        self.stdout.write(f"Sessions ended: {ended}")
