"""`manage.py import_sis PATH`: load a roster in Canvas' own SIS CSV form."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from accounts import progress
from accounts.sis.importing import import_roster
from accounts.sis.report import Report, SisError


class Command(BaseCommand):
    """Import, say what could not be taken, and sum up. Exit code 1 where lines were bad; the good ones went in."""

    help = "Load accounts.csv, users.csv, courses.csv, enrollments.csv and admins.csv from a directory or a zip."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the path."""
        parser.add_argument("path", type=Path, help="a directory with the CSV files, or a zip of them")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *, path: Path, dry_run: bool, **_options: Any) -> None:
        """Run the import. Raises CommandError (exit code 2) where there is nothing to read."""
        with progress.shown("Loading the roster", self.stderr) as bar:
            try:
                report = import_roster(
                    path,
                    dry_run=dry_run,
                    actor=None,
                    now=timezone.now(),
                    on_problem=lambda problem: bar.say(str(problem)),
                    advance=bar.advance,
                )
            except SisError as error:
                raise CommandError(str(error), returncode=2) from error
        self.sum_up(report, dry_run=dry_run)
        if report.problems:
            sys.exit(1)

    def sum_up(self, report: Report, *, dry_run: bool) -> None:
        """Print what became of the rows of each file."""
        columns = ("created", "updated", "ended", "unchanged", "repeated", "bad")
        table = Table("file", *columns)
        for kind, counts in report.counts.items():
            if kind != "sections":
                table.add_row(f"{kind}.csv", *(str(getattr(counts, column)) for column in columns))
        Console(file=self.stdout, width=100).print(table)  # type: ignore[arg-type]  # it writes and flushes
        would = "would be " if dry_run else ""
        if report.withdrawn:
            self.stdout.write(f"Roles {would}ended with their deleted person: {report.withdrawn}")
        self.stdout.write(f"Tokens {would}shortened because of it: {report.shortened}")
        if report.problems:
            self.stdout.write(f"Lines with a problem, named above: {report.problems}")
        if dry_run:
            self.stdout.write("This was a dry run: nothing was changed.")
