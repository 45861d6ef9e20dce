"""`manage.py import_sis PATH`: load a roster in Canvas' own SIS CSV form."""

import shlex
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from accounts import progress, rosters
from accounts.rosters import Outcome, Source
from accounts.sis.briefly import Problems, kept_of
from accounts.sis.importing import import_roster
from accounts.sis.report import MOST_SHORTENED, NotAgreed, Problem, Report, SisError


class Command(BaseCommand):
    """Import, say what could not be taken, and sum up. Exit code 1 where lines were bad; the good ones went in."""

    help = "Load accounts.csv, users.csv, courses.csv, enrollments.csv and admins.csv from a directory or a zip."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the path."""
        parser.add_argument("path", type=Path, help="a directory with the CSV files, or a zip of them")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument("--yes", action="store_true", help="load it however many tokens that shortens")

    def handle(self, *, path: Path, dry_run: bool, yes: bool, **_options: Any) -> None:
        """Run the import. Raises CommandError: exit code 2 where there is nothing to read, 3 where it has to ask."""
        try:
            report = self.run(path, dry_run=True, agreed=yes) if dry_run else self.load(path, agreed=yes)
        except SisError as error:
            raise CommandError(str(error), returncode=2) from error
        except NotAgreed as asked:
            self.sum_up(asked.report, taken_back=True)
            raise CommandError(f"Nothing was changed: {question(asked.report, path)}", returncode=3) from asked
        self.sum_up(report, taken_back=dry_run)
        if dry_run:
            if report.needs_agreement and not yes:
                self.stdout.write(f"It would stop and ask: {question(report, path)}")
            self.stdout.write("This was a dry run: nothing was changed.")
        if report.problems:
            sys.exit(1)

    def load(self, path: Path, *, agreed: bool) -> Report:
        """Import, and keep how it went."""
        run, problems = rosters.begin(Source.FILES, now=timezone.now()), Problems()
        try:
            report = self.run(path, dry_run=False, agreed=agreed, on_problem=problems.note)
        except BaseException as error:
            rosters.end(run, Outcome.FAILED, now=timezone.now(), **_why(error))
            raise
        rosters.end(run, Outcome.DONE, now=timezone.now(), **kept_of(report, problems))
        return report

    def run(
        self, path: Path, *, dry_run: bool, agreed: bool, on_problem: Callable[[Problem], None] = lambda _problem: None
    ) -> Report:
        """Import, and show how far it is."""

        def told(problem: Problem) -> None:
            bar.say(str(problem))
            on_problem(problem)

        with progress.shown("Loading the roster", self.stderr) as bar:
            return import_roster(
                path,
                dry_run=dry_run,
                agreed=agreed,
                actor=None,
                now=timezone.now(),
                on_problem=told,
                advance=bar.advance,
            )

    def sum_up(self, report: Report, *, taken_back: bool) -> None:
        """Print what became of the rows of each file."""
        columns = ("created", "updated", "ended", "unchanged", "repeated", "bad")
        table = Table("file", *columns)
        for kind, counts in report.counts.items():
            if kind != "sections":
                table.add_row(f"{kind}.csv", *(str(getattr(counts, column)) for column in columns))
        Console(file=self.stdout, width=100).print(table)  # type: ignore[arg-type]  # it writes and flushes
        would = "would be " if taken_back else ""
        if report.withdrawn:
            self.stdout.write(f"Roles {would}ended with their deleted person: {report.withdrawn}")
        if report.stopped:
            self.stdout.write(f"Tokens {would}stopped because their owner left: {report.stopped}")
        self.stdout.write(f"Tokens {would}shortened because of it: {report.shortened} of {report.tokens} in use")
        if report.problems:
            self.stdout.write(f"Lines with a problem, named above: {report.problems}")


def _why(error: BaseException) -> dict[str, Any]:
    match error:
        case SisError():
            return {"code": "refused", "facts": {"why": str(error)}}
        case NotAgreed():
            facts = {"shortened": error.report.shortened, "tokens": error.report.tokens, "percent": MOST_SHORTENED}
            return {"code": "shortens", "facts": facts}
        case Exception():
            return {"code": "broken"}
    return {"code": "cut_off"}


def question(report: Report, path: Path) -> str:
    """Say what somebody has to want, and how they say so."""
    return (
        f"this roster would shorten {report.shortened} of the {report.tokens} tokens in use, more than "
        f"{MOST_SHORTENED} %. If that is right, type: manage.py import_sis {shlex.quote(str(path))} --yes"
    )
