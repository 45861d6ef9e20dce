"""`manage.py issue_token LOGIN --purpose TEXT`: make a token as that person, by the rules they are under."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from policies.expiry import parse_expiry
from policies.refusals import Refused
from policies.wording import sentence
from tokens import lifecycle


class Command(BaseCommand):
    """Issue. Whoever can run this can read the database as well; the rules hold all the same (rule R9)."""

    help = "Make an access token for a person, as that person. The token is all that goes to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose, what for and until when."""
        parser.add_argument("login", help="the person's sign-in name")
        parser.add_argument("--purpose", help="what the token is for")
        parser.add_argument(
            "--expires", help="2027-03-23 or 2027-03-23T12:00:00Z; a day ends in the person's time zone"
        )

    def handle(self, *, login: str, purpose: str | None, expires: str | None, **_options: Any) -> None:
        """Print the token, or why there is none: a code and a sentence for each reason, and exit code 1."""
        owner = User.objects.filter(login_id__iexact=login).first()
        if owner is None:
            raise CommandError(f"Nobody signs in as {login}.", returncode=2)
        try:
            ends = parse_expiry(expires, owner.zone) if expires else None
            issued = lifecycle.issue(owner, purpose=purpose, expires_at=ends, actor=owner, now=timezone.now())
        except Refused as refused:
            for refusal in refused.refusals:
                self.stderr.write(f"{refusal.code}: {sentence(refusal)}")
            sys.exit(1)
        self.stdout.write(issued.secret)
