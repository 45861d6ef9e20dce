"""`manage.py token_keys`: what hangs on each key of the ring."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tokens.keys import KeyUse, uses_of_keys

HEAD = ("KEY", "STANDING", "ACTIVE", "RESTING", "EARLIER", "SERVICES")


class Command(BaseCommand):
    """Count. No key is ever printed: only its name."""

    help = "Show how many tokens and services hang on each key of TOKEN_KEYS (see docs/keys.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form, and a key that is to go."""
        parser.add_argument("--json", action="store_true", help="print them as JSON")
        parser.add_argument("--free", metavar="KEY", help="end with an error while anything hangs on this key")

    def handle(self, **options: Any) -> None:
        """Print them. Raises CommandError while something hangs on the key that `--free` names."""
        uses = uses_of_keys(now=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps([{**asdict(use), "standing": use.standing.value} for use in uses]))
        else:
            self._print(uses)
        hanging = sum(use.total for use in uses if use.key_id == options["free"])
        if hanging:
            raise CommandError(
                f"{hanging} still hang on {options['free']}. Without it each is checked by Argon2id once: docs/keys.md."
            )

    def _print(self, uses: list[KeyUse]) -> None:
        rows = [HEAD, *((u.key_id, u.standing.value, u.active, u.resting, u.earlier, u.services) for u in uses)]
        width = max(len(str(row[0])) for row in rows)
        for row in rows:
            self.stdout.write(f"{row[0]:<{width}}  {row[1]:<9}" + "".join(f"{cell:>10}" for cell in row[2:]))
