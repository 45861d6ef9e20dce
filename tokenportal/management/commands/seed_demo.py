"""`manage.py seed_demo`: the demo school, once, into an empty database."""

from datetime import timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts import progress
from accounts.models import User
from tokenportal.demo import PASSWORD, SIGN_INS, school, term
from tokenportal.demo.plans import TERM
from tokens.models import AccessToken

SEED = 1869  # the same school every time, but for its dates


class Command(BaseCommand):
    """Seed the school. A run that breaks off leaves the database empty."""

    help = "Put the demo school into an empty database; a used one is left as it is."

    def handle(self, **_options: Any) -> None:
        """Seed, unless there is anybody already. Raises CommandError where DEBUG is off."""
        if not settings.DEBUG:
            raise CommandError("The demo school has a known password. It is refused with DEBUG off.")
        with transaction.atomic():
            if User.objects.exists():
                self.stdout.write("There are people in this database already. Nothing was changed.")
                return
            random, now = Random(SEED), timezone.now()  # noqa: S311  # a story, not a secret
            school.found(random=random, opened=now - TERM - timedelta(days=7))
            with progress.shown("Seeding the demo school", self.stderr) as bar:
                term.play(random=random, now=now, advance=bar.advance)
        people, tokens = User.objects.count(), AccessToken.objects.count()
        self.stdout.write(f"The demo school has {people} people and {tokens} tokens.")
        self.stdout.write(f'Sign in with the password "{PASSWORD}" as: {", ".join(SIGN_INS)}')
