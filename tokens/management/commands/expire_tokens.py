"""`manage.py expire_tokens`: note the tokens whose end has passed, by hand."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import progress
from accounts.alone import alone
from tokens import lifecycle
from tokens.models import AccessToken
from tokens.tasks import EXPIRE_BATCH, EXPIRE_LOCK


class Command(BaseCommand):
    """Expire what is due. No token works past its end meanwhile: that goes by the clock (rule R8)."""

    help = "Note every token whose end has passed as expired."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether it is for real."""
        parser.add_argument("--dry-run", action="store_true", help="count what would be noted, and change nothing")

    def handle(self, *, dry_run: bool, **_options: Any) -> None:
        """Expire, unless the job or another command is at it. Raises CommandError then."""
        now, expired = timezone.now(), 0
        due = AccessToken.objects.overdue(now=now).count()
        if dry_run:
            self.stdout.write(f"Tokens that would be noted as expired: {due}")
            return
        with alone(EXPIRE_LOCK) as got, progress.shown("Noting expired tokens", self.stderr) as bar:
            if not got:
                raise CommandError("Tokens are being expired already. That needs no second run; look again later.")
            while done := lifecycle.expire_many(now=now, most=EXPIRE_BATCH):
                expired += done
                bar.advance(expired, max(expired, due))
        self.stdout.write(f"Tokens noted as expired: {expired}")
