"""`manage.py sync_canvas`: bring people and roles to where Canvas has them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from accounts import progress
from accounts.canvas import words
from accounts.canvas.school import school_canvas
from accounts.canvas.syncing import Synced, SyncFailed, Told, sync


class Command(BaseCommand):
    """Sync, and sum up. Exit code 1 where something could not be taken, 2 where nothing was changed."""

    help = "Read accounts, people, courses and roles from the Canvas of CANVAS_URL, and load them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how far to go."""
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument(
            "--yes", action="store_true", help="take it however much is missing and however many tokens that shortens"
        )

    def handle(self, *, dry_run: bool, yes: bool, **_options: Any) -> None:
        """Run the sync. Raises CommandError where it changed nothing."""
        try:
            done = self.run(dry_run=dry_run, agreed=yes)
        except SyncFailed as failed:
            raise CommandError(f"Nothing was changed. {words.why(failed.code, failed.facts)}", returncode=2) from failed
        self.sum_up(done)
        if dry_run:
            self.stdout.write("This was a dry run: nothing was changed.")
        if done.problems:
            raise SystemExit(1)

    def run(self, *, dry_run: bool, agreed: bool) -> Synced:
        """Sync, and show how far it is. Raises SyncFailed."""
        canvas = school_canvas()
        if canvas is None:
            raise SyncFailed("not_set", {})
        with progress.shown("Reading and loading", self.stderr) as bar:
            told = Told(lambda read: bar.advance(read, None), bar.advance)
            return sync(canvas, dry_run=dry_run, agreed=agreed, told=told, clock=timezone.now)

    def sum_up(self, done: Synced) -> None:
        """Print what became of what Canvas says."""
        columns = ("created", "updated", "ended", "unchanged", "bad")
        table = Table("", *columns)
        for kind, counts in done.report.counts.items():
            table.add_row(kind, *(str(getattr(counts, column)) for column in columns))
        Console(file=self.stdout, width=100).print(table)  # type: ignore[arg-type]  # it writes and flushes
        report = done.report
        self.stdout.write(f"Tokens stopped because their owner left: {report.stopped}")
        self.stdout.write(f"Tokens shortened because of it: {report.shortened} of {report.tokens} in use")
        for line in words.left_out(done.left_out):
            self.stdout.write(f"Left out: {line}")
        for problem, times in done.problems.most_common():
            self.stderr.write(problem + (f" ({times} times)" if times > 1 else ""))
