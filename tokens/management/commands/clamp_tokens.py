"""`manage.py clamp_tokens`: the daily clamp, by hand (rule R3)."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts import progress
from accounts.alone import alone
from accounts.models import User
from tokens.applying import apply_begun
from tokens.clamping import clamp_in_batches, owners_to_clamp
from tokens.tasks import CLAMP_LOCK


class Command(BaseCommand):
    """Clamp everybody. Killed half way, the next run finishes it."""

    help = "Bring every token under the cap that its owner is under today."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether it is for real."""
        parser.add_argument("--dry-run", action="store_true", help="count what would be shortened, and change nothing")

    def handle(self, *, dry_run: bool, **_options: Any) -> None:
        """Clamp, unless the job or another command is at it. Raises CommandError then."""
        with alone(CLAMP_LOCK) as got:
            if not got:
                raise CommandError("A clamp is running already. What it does needs no second one; look again later.")
            if not dry_run:
                apply_begun(clock=timezone.now)
            shortened = self.clamp(dry_run=dry_run)
        self.stdout.write(f"Tokens {'that would be ' if dry_run else ''}shortened: {shortened}")

    def clamp(self, *, dry_run: bool) -> int:
        """Clamp with progress over the owners; return how many tokens that shortens."""
        now, people, done, shortened = timezone.now(), User.objects.all(), 0, 0
        total = owners_to_clamp(people, now=now).count()
        with progress.shown("Clamping by owner", self.stderr) as bar:
            for seen, fewer in each(clamp_in_batches(people, actor=None, now=now), dry_run=dry_run):
                done, shortened = done + seen, shortened + fewer
                bar.advance(done, max(done, total))
        return shortened


def each(batches: Iterator[tuple[int, int]], *, dry_run: bool) -> Iterator[tuple[int, int]]:
    """Let every batch run in a transaction of its own, which a dry run takes back."""
    while True:
        with transaction.atomic():
            batch = next(batches, None)
            transaction.set_rollback(dry_run)
        if batch is None:
            return
        yield batch
