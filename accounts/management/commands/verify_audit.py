"""`manage.py verify_audit`: whether every line of the audit trail is as it was written, and all of them are there."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import progress
from accounts.chain.heads import Head, HeadUnreadable, find_head, read
from accounts.chain.sealing import seal_in_batches
from accounts.chain.verifying import Finding, verify


class Command(BaseCommand):
    """Seal what waits, then verify. Exit code 1 where something is wrong, 2 where a head cannot be read."""

    help = "Verify the chain over the audit trail, and name each line that was edited, removed, added or swapped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take heads that were noted elsewhere."""
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="FILE|PLACE:HASH",
            help="compare with a head that was noted, or with all of a file (AUDIT_HEADS)",
        )
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *, head: list[str], json: bool, **_options: Any) -> None:
        """Verify, and sum up."""
        try:
            heads = [each for text in head for each in read(text)]
        except HeadUnreadable as error:
            raise CommandError(f"{error}.", returncode=2) from error
        with progress.shown("Sealing", self.stderr) as bar:
            sealed = 0
            for count in seal_in_batches():
                sealed += count
                bar.advance(sealed, sealed)
        with progress.shown("Verifying", self.stderr) as bar:
            findings = verify(heads, advance=bar.advance)
            wrong = list(findings) if json else self._say(findings)
        self._sum_up(wrong, find_head(), len(heads), as_json=json)
        if wrong:
            sys.exit(1)

    def _say(self, findings: Iterator[Finding]) -> list[Finding]:
        """Name each as it is found."""
        said = []
        for finding in findings:
            said.append(finding)
            self.stdout.write(f"WRONG: {finding}.")
        return said

    def _sum_up(self, wrong: list[Finding], head: Head | None, compared: int, *, as_json: bool) -> None:
        if as_json:
            found = {
                "whole": not wrong,
                "lines": head.place if head else 0,
                "head": str(head) if head else None,
                "heads_compared": compared,
                "wrong": [finding.facts for finding in wrong],
            }
            self.stdout.write(json.dumps(found))
            return
        state = f"{len(wrong)} wrong" if wrong else "whole"
        self.stdout.write(f"{head.place if head else 0} lines are sealed, {state}; {compared} heads compared.")
        if head:
            self.stdout.write(f"The head is {head}")
