"""`python -m tests.torture.kills.school`: found the school of the kills, and print as JSON who writes, and by what."""

import json
import sys

import django

django.setup()

# ruff: noqa: E402  # its models can be imported only now
from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from django.utils import timezone

from accounts.models import Account, User
from accounts.roles import Base
from tests.cast import enroll, person, role
from tests.pages.visits import BACKEND
from tokens import lifecycle, verifiers
from tokens.scopes import MANAGE


def signed_in(user: User) -> dict[str, object]:
    """Somebody's browser: the cookies of their session, and the secret that its forms send along."""
    client, csrf = Client(), _get_new_csrf_string()
    client.force_login(user, BACKEND)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={csrf}"
    return {"user": user.pk, "cookie": cookies, "csrf": csrf}


def owner(number: int) -> dict[str, object]:
    made = person(f"kills-owner-{number}")
    enroll(made, role(Base.TEACHER))
    return signed_in(made)


def department(number: int, admin: User) -> dict[str, object]:
    """An account whose settings one client changes, and the student whose tokens those shorten."""
    account = Account.objects.create_under(Account.objects.root(), name=f"Department {number}")
    student = person(f"kills-student-{number}")
    enroll(student, role(Base.STUDENT), account)
    return {**signed_in(student), "account": account.pk, "admin": signed_in(admin)}


def main() -> None:
    now = timezone.now()
    owners, departments = (int(number) for number in sys.argv[1:])
    admin = person("kills-admin")
    enroll(admin, role(Base.ADMIN))
    carried = lifecycle.issue(admin, purpose="Kills", expires_at=None, scopes=(MANAGE,), actor=admin, now=now)
    verifier = verifiers.register("Kills", owner=admin, actor=admin, now=now)
    told = {
        "admin": carried.secret,
        "verifier": [verifier.verifier.lookup_id, verifier.secret],
        "owners": [owner(number) for number in range(owners)],
        "departments": [department(number, admin) for number in range(departments)],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
