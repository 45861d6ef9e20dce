"""`python -m tests.torture.keys.holders 40`: people with a token each, and a service; prints their secrets.

Under the key ring of the environment, and at the full price of Argon2id: that is what a lost ring costs.
"""

import json
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402  # its models can be imported only now

from accounts.roles import Base  # noqa: E402
from tests.cast import enroll, person, role  # noqa: E402
from tokens import lifecycle, scopes, verifiers  # noqa: E402

SCOPES = [scopes.ROTATE, f"url:GET|{scopes.PATHS['api_user']}"]


def main() -> None:
    now = timezone.now()
    held = []
    for number in range(int(sys.argv[1])):
        owner = person(f"holder-{number}")
        enroll(owner, role(Base.TEACHER))
        made = lifecycle.issue(owner, purpose="Keys", expires_at=None, scopes=SCOPES, actor=owner, now=now)
        held.append(made.secret)
    verifier = verifiers.register("Keys", owner=None, actor=None, now=now)
    print(json.dumps({"secrets": held, "verifier": [verifier.verifier.lookup_id, verifier.secret]}))


if __name__ == "__main__":
    main()
