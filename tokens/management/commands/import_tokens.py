"""`manage.py import_tokens FILE --from NAME`: bring in the tokens that another system made."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import progress
from policies.refusals import Refused
from policies.wording import sentence
from tokens.importing import Brought, Problem, bring, read
from tokens.texts import clean_source


class Command(BaseCommand):
    """Import, name the lines that were left out, and sum up. Exit code 1 where there were any; the others went in."""

    help = (
        "Bring in tokens of another system from a CSV file with the columns owner, purpose, expires_at, sha256 and, "
        "if known, created_at. They are listed, capped and checked here from then on, until they get a new secret."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and whose tokens it holds."""
        parser.add_argument("path", type=Path, help="a CSV file; owner is a sign-in name or sis_user_id:X")
        parser.add_argument("--from", dest="source", required=True, help="the system that made them, such as Canvas")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *, path: Path, source: str, dry_run: bool, **_options: Any) -> None:
        """Run the import. Raises CommandError: exit code 2 where there is nothing to read."""
        if not settings.FOREIGN_TOKENS:
            raise CommandError(
                "Say first what such tokens look like, or none of them would ever be accepted: set FOREIGN_TOKENS "
                "to a regular expression. For Canvas: FOREIGN_TOKENS='\\d+~[0-9A-Za-z]{64}'",
                returncode=2,
            )
        try:
            brought = self.bring(path, clean_source(source), dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}", returncode=2) from error
        except Refused as refused:
            raise CommandError(" ".join(map(sentence, refused.refusals)), returncode=2) from refused
        self.sum_up(brought, dry_run=dry_run)
        if brought.left:
            sys.exit(1)

    def bring(self, path: Path, source: str, *, dry_run: bool) -> Brought:
        """Import, and show how far it is."""
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            lines = list(read(file, zone=ZoneInfo(settings.TIME_ZONE)))  # all of it, or what cannot be read came late
        with progress.shown("Importing", self.stderr) as bar:
            brought = bring(
                lines,
                source=source,
                actor=None,
                now=timezone.now(),
                dry_run=dry_run,
                advance=lambda done: bar.advance(done, len(lines)),
            )
            for problem in brought.in_order:
                bar.say(told(problem))
        return brought

    def sum_up(self, brought: Brought, *, dry_run: bool) -> None:
        """Print what became of the lines."""
        would = "would be " if dry_run else ""
        self.stdout.write(f"Tokens {would}imported: {brought.made}")
        self.stdout.write(f"  of them {would}given an earlier end by their owners' limit: {brought.shortened}")
        self.stdout.write(f"Here already, and left as they are: {brought.known}")
        self.stdout.write(f"Ended already, and left out: {brought.ended}")
        if brought.left:
            self.stdout.write(f"Lines with a problem, left out: {brought.left}")
        if dry_run:
            self.stdout.write("This was a dry run: nothing was changed.")


def told(problem: Problem) -> str:
    """A line's problems in words."""
    return f"line {problem.number}: {' '.join(map(sentence, problem.refusals))}"
