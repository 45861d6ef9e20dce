"""`manage.py create_admin LOGIN --name NAME`: the first administrator of a real school."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts import enrolling
from accounts.models import Account, Role, User
from accounts.names import sortable_of
from accounts.roles import Base


class Command(BaseCommand):
    """Make a person who holds the built-in admin role at the root. A roster with the same login_id takes them over."""

    help = "Make an administrator of the whole school, with a password to sign in by."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take who it is; never the password, which would stay in the shell's history."""
        parser.add_argument("login", help="the sign-in name")
        parser.add_argument("--name", required=True, help="first and last name")
        parser.add_argument("--email", default="", help="where notices go")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *, login: str, name: str, email: str, password_stdin: bool, **_options: Any) -> None:
        """Make the administrator. Raises CommandError for a name that is taken or a password that is too weak."""
        if User.objects.filter(login_id__iexact=login.strip()).exists():
            raise CommandError(f"Somebody signs in as {login.strip()} already.")
        person = User(login_id=login.strip(), name=name.strip(), email=email, sortable_name=sortable_of(name.strip()))
        try:
            person.full_clean(exclude=["password"])
            password = sys.stdin.readline().rstrip("\r\n") if password_stdin else ask()
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        person.set_password(password)
        now = timezone.now()
        with transaction.atomic():
            enrolling.admit(person, actor=None, now=now)
            role = Role.objects.get(base=Base.ADMIN, is_builtin=True)
            enrolling.enroll(person, role, Account.objects.root(), actor=None, now=now)
        self.stdout.write(f"{person.name} can sign in as {person.login_id}.")


def ask() -> str:
    """Ask for the password until it is typed the same twice."""
    while (password := getpass("Password: ")) != getpass("Password (again): "):
        sys.stderr.write("The two differ. Once more.\n")
    return password
