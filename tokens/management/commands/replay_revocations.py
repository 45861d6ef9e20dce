"""`manage.py replay_revocations`: after a restore, end again what had ended since the backup, and open the doors."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import progress
from accounts.alone import alone
from tokens import restoring
from tokens.journal.looking import Verdict
from tokens.restoring.folding import Endings
from tokens.restoring.replaying import read
from tokens.tasks.locks import REPLAY_LOCK

WORDS = {
    "revoked": "tokens revoked",
    "suspended": "tokens suspended",
    "secrets": "earlier secrets ended",
    "shortened": "tokens given an earlier end",
    "services": "services ended",
    "calendars": "calendar addresses ended",
    "people": "people deactivated",
    "pauses": "emergency stops made again",
    "clamped": "tokens brought under the limits of today",
}
NOTHING_MISSING = "The database knows every page of this host's journal: there is nothing to replay."


class Command(BaseCommand):
    """Idempotent, and safe to be killed: the doors open only when all of it is done."""

    help = "After a backup was restored: end again what the journal says has ended since, and open the doors."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether it is for real."""
        parser.add_argument("--dry-run", action="store_true", help="say what would be ended, and change nothing")
        parser.add_argument(
            "--open",
            action="store_true",
            help="open the doors though another host has closed them, and its journal is lost",
        )

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        """Replay. Exit code 1 where the doors stay closed."""
        found = restoring.find_missing()
        if found.verdict is Verdict.NAMELESS:
            raise CommandError("This database does not say which one it is. Run `manage.py migrate` first.")
        if found.verdict is Verdict.BEHIND:
            self._replay(found, dry_run=dry_run)
            return
        self.stdout.write(NOTHING_MISSING)
        if found.verdict is Verdict.CLOSED:
            self._open(is_wanted=options["open"] and not dry_run)

    def _open(self, *, is_wanted: bool) -> None:
        if not is_wanted:
            raise CommandError(
                "Another host has closed the doors: its journal has more. Run this there. If that journal is lost, "
                "--open opens the doors all the same; what only it knew is not ended again."
            )
        restoring.lift(now=timezone.now())
        self.stdout.write("The doors are open.")

    def _replay(self, found: restoring.Found, *, dry_run: bool) -> None:
        behind = f"behind page {found.last.number}" if found.last else "from its first page on"
        self.stdout.write(f"{found.missing} pages of {found.directory} are not in the database, {behind}.")
        if dry_run:
            self._say(read(found))
            return
        with alone(REPLAY_LOCK) as got, progress.shown("Ending again", self.stderr) as bar:
            if not got:
                raise CommandError("A replay is at work already.")
            done = 0

            def advance(count: int) -> None:
                nonlocal done
                done += count
                bar.advance(done, max(done, found.missing))

            replayed = restoring.replay(found, now=timezone.now(), advance=advance)
        self.stdout.write(f"Lines read: {replayed.endings.lines}")
        for name, words in WORDS.items():
            self.stdout.write(f"{words[0].upper()}{words[1:]}: {replayed.done[name]}")
        for sentence in replayed.failed:
            self.stderr.write(sentence)
        self.stdout.write("Everybody was signed out. The doors are open.")

    def _say(self, endings: Endings) -> None:
        """What a replay would look for; how much of it the backup still has, only a replay finds out."""
        self.stdout.write(
            f"Lines: {endings.lines}. They end {len(endings.revoked)} tokens for good, suspend "
            f"{len(endings.suspended)}, end {len(endings.dead)} earlier secrets, give {len(endings.ends)} tokens "
            f"another end, deactivate {len(endings.people)} people, end {len(endings.verifiers)} services and "
            f"{len(endings.calendars)} calendar addresses, and make {len(endings.pauses)} emergency stops."
        )
