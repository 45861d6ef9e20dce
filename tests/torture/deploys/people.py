"""`python -m tests.torture.deploys.people 8`: people with a token and a session each, and a service; prints them."""

import json
import sys

import django

django.setup()

from django.test import Client  # noqa: E402  # its models can be imported only now
from django.utils import timezone  # noqa: E402

from accounts.roles import Base  # noqa: E402
from tests.cast import enroll, person, role  # noqa: E402
from tokens import lifecycle, scopes, verifiers  # noqa: E402

SCOPES = [scopes.ROTATE, f"url:GET|{scopes.PATHS['api_user']}"]


def main() -> None:
    now = timezone.now()
    people = []
    for number in range(int(sys.argv[1])):
        owner = person(f"visitor-{number}")
        enroll(owner, role(Base.TEACHER))
        made = lifecycle.issue(owner, purpose="Visits", expires_at=None, scopes=SCOPES, actor=owner, now=now)
        browser = Client()
        browser.force_login(owner, "django.contrib.auth.backends.ModelBackend")
        people.append({"secret": made.secret, "session": browser.session.session_key, "login": owner.login_id})
    verifier = verifiers.register("Deploys", owner=None, actor=None, now=now)
    print(json.dumps({"people": people, "verifier": [verifier.verifier.lookup_id, verifier.secret]}))


if __name__ == "__main__":
    main()
