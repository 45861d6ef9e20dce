"""`manage.py relock_factors`: after a change of SECRET_KEY, lock the secrets of second steps under the new value."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from accounts.factors import keeping


class Command(BaseCommand):
    """Needed before the old value leaves SECRET_KEY_FALLBACKS. Exit code 1 where somebody's can be read no more."""

    help = "Encrypt the secrets of second steps under today's SECRET_KEY."

    def handle(self, **_options: Any) -> None:
        """Do it, and name those whose secrets no key opens."""
        done, lost = keeping.relock_all()
        self.stdout.write(f"Locked anew: {done}.")
        for login_id in lost:
            self.stderr.write(f"No key opens the second step of {login_id}: manage.py person reset-factors {login_id}")
        if lost:
            sys.exit(1)
