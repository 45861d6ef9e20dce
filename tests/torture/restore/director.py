"""`python -m tests.torture.restore.director`: the one process that makes and ends tokens, by the portal's verbs.

A line of JSON in, a line of JSON out: `["found"]`, `["issue", 5]`, `["end", 3, "revoked"]`, `["bulk", [1, 2]]`,
`["past every verb", 4]`, `["replay"]`. It answers when what was asked is acknowledged.
"""

import json
import os
import sys
from io import StringIO
from typing import Any

import django
from django.conf import settings

django.setup()
settings.TOKEN_ARGON2 = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}  # never asked here

from django.core.management import call_command  # noqa: E402  # its models can be imported only now
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Account, Course, User  # noqa: E402
from accounts.roles import Base  # noqa: E402
from tests.cast import enroll, person, role, token  # noqa: E402
from tests.torture.ends import WAYS, Held  # noqa: E402
from tokens import bulk, lifecycle, verifiers  # noqa: E402
from tokens.models import AccessToken, BulkKind  # noqa: E402
from tokens.reasons import Reason  # noqa: E402
from tokens.scopes import MANAGE  # noqa: E402
from tokens.tasks import write_journal  # noqa: E402


class Director:
    """Keeps what it has made, by numbers that no restore takes back."""

    def __init__(self) -> None:
        self.held: list[Held] = []
        self.name = f"restore-{os.getpid()}"

    def answer(self, verb: str, *given: Any) -> Any:
        """Do what is asked, over a connection of its own: the server may be another one by now."""
        connection.close()
        return getattr(self, verb.replace(" ", "_"))(*given)

    def found(self) -> dict[str, Any]:
        """Who administers, by a bearer token, and who introspects."""
        now = timezone.now()
        admin = person(self.name)
        enroll(admin, role(Base.ADMIN))
        managing = lifecycle.issue(admin, purpose="Manage", expires_at=None, scopes=[MANAGE], actor=admin, now=now)
        service = verifiers.register(self.name, owner=admin, actor=admin, now=now)
        return {"managing": managing.secret, "verifier": [service.verifier.lookup_id, service.secret]}

    def issue(self, count: int) -> list[dict[str, Any]]:
        """Tokens of as many teachers, each with a course in which nobody else is."""
        return [self._issue() for _each in range(count)]

    def _issue(self) -> dict[str, Any]:
        number, admin = len(self.held), User.objects.get(login_id=self.name)
        owner = person(f"{self.name}-{number}")
        enroll(owner, role(Base.TEACHER))
        course = Course.objects.create(code=f"{self.name}-{number}", name="Restore", account=Account.objects.root())
        enroll(owner, role(Base.STUDENT), course=course)
        made = token(owner, days=None, now=timezone.now())
        self.held.append(Held(owner, admin, course, made.token, made.secret))
        return {"number": number, "secret": made.secret, "token_id": made.token.pk, "owner_id": owner.pk}

    def end(self, number: int, way: str) -> str:
        """End a token in one of the ways of `tests.torture.ends`; returns the secret that is told from then on."""
        held = self.held[number]
        WAYS[way][0](held)
        return held.secret

    def bulk(self, numbers: list[int]) -> None:
        """Suspend several tokens by one act."""
        admin, now = User.objects.get(login_id=self.name), timezone.now()
        tokens = AccessToken.objects.filter(pk__in=[self.held[number].token.pk for number in numbers])
        act = bulk.make(bulk.Wish(BulkKind.SUSPEND, Reason("Restore")), tokens, actor=admin, now=now)
        for _batch in bulk.carry_out(act.pk, clock=timezone.now):
            pass

    def replay(self) -> str:
        """What `manage.py replay_revocations` prints."""
        said = StringIO()
        call_command("replay_revocations", stdout=said)
        return said.getvalue()

    def past_every_verb(self, number: int) -> None:
        """Suspend by a statement that knows of no journal; the job writes what the database has noted."""
        AccessToken.objects.filter(pk=self.held[number].token.pk).update(state="suspended")
        write_journal()


def main() -> None:
    director = Director()
    for line in sys.stdin:
        verb, *given = json.loads(line)
        print(json.dumps(director.answer(verb, *given)), flush=True)


if __name__ == "__main__":
    main()
