"""`python -m tests.torture.notices.killing`: workers that mail notices are killed with SIGKILL, again and again.

Fills a migrated database with notices that are due, and lets some workers mail them at once to a mail server that
refuses one in fifty, and takes its time to say that it has taken the others. One worker after the other is killed at
a random moment. Prints as JSON what came in: a mailbox drops a mail whose Message-ID it has had, so `twice` and
`missing` are what the person sees, and `repeated` what went over the wire. `--plant` puts a fault in, which has to be
found.
"""

import json
import os
import random
import re
import secrets
import signal
import time
from argparse import ArgumentParser
from collections import Counter
from datetime import timedelta
from email.message import Message
from functools import partial
from io import FileIO
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

django.setup()

# ruff: noqa: E402  # models can be imported only now
from django.conf import settings
from django.core.mail.utils import DNS_NAME
from django.db import connections
from django.utils import timezone

from accounts.models import User
from tests.notices.mailbox import TAKEN, Mailbox
from tests.portal import free_port
from tokens.models import Notice
from tokens.notifications import delivering, wording

WORKERS = 3
SLOWEST = 0.01  # seconds
_KEY = re.compile(r"notice-([0-9]+)\.")


def owe(number: int) -> None:
    """One notice for each person, who is told apart by a purpose."""
    now, some = timezone.now(), secrets.token_hex(4)
    Notice.objects.all().delete()
    people = User.objects.bulk_create(
        (
            User(login_id=f"{some}-{n}", name=f"Person {n}", email=f"p{n}@school.example", is_active=True)
            for n in range(number)
        ),
        batch_size=5000,
    )
    facts = ({"by": "", "tokens": [{"id": n, "purpose": f"notice-{n}.", "expires_at": None}]} for n in range(number))
    Notice.objects.bulk_create(
        (
            Notice(person=person, event="token.clamp", facts=said, created_at=now)
            for person, said in zip(people, facts, strict=True)
        ),
        batch_size=5000,
    )


def serve(port: int, log: Path, seed: int) -> int:
    """Start the mail server; its process."""
    server = os.fork()
    if not server:
        rng = random.Random(seed)
        answers = cycle([TAKEN] * 49 + ["451 Try again later"])
        mailbox = Mailbox(port, answer=lambda: next(answers), wait=lambda: rng.uniform(0, SLOWEST))
        with log.open("ab", buffering=0) as written, mailbox.open():
            mailbox.take = partial(_note, written)
            signal.pause()
    return server


def _note(log: FileIO, mail: Message) -> None:
    [key] = _KEY.findall(str(mail.get_payload(0).get_payload()))  # type: ignore[union-attr]  # a mail of two parts
    log.write(f"{mail['Message-ID']} {key}\n".encode())


def start() -> int:
    """Start a worker; its process."""
    connections.close_all()  # it must not inherit one
    worker = os.fork()
    if not worker:
        try:
            while delivering.deliver(now=timezone.now(), most=20):
                pass
            time.sleep(0.05)
        finally:
            os._exit(0)
    return worker


def mail_all(rng: random.Random, kills: int, seconds: float) -> int:
    """Kill so many workers within the time that all may take, and let the others come to the end; how many died.

    Where the mails are ahead of the killing, it makes haste, so that it does not depend on how quick the machine is.
    """
    workers, killed, owed = [start() for _ in range(WORKERS)], 0, Notice.objects.count()
    while left := Notice.objects.filter(sent_at=None).count():
        pause = 2 * seconds / kills if killed / kills > 1 - left / owed else 0.02
        time.sleep(rng.uniform(0, pause) if killed < kills else 0.2)
        victim = workers.pop(rng.randrange(WORKERS))
        if killed < kills:
            os.kill(victim, signal.SIGKILL)
        _pid, status = os.waitpid(victim, 0)
        killed += os.WIFSIGNALED(status)
        workers.append(start())
    for worker in workers:
        os.waitpid(worker, 0)
    return killed


def judge(log: Path, number: int) -> dict[str, Any]:
    """What mailboxes hold that drop what they have had."""
    came = [tuple(line.split()) for line in log.read_text().splitlines()]
    kept = Counter(key for _id, key in set(came))
    return {
        "came": len(came),
        "repeated": len(came) - len(set(came)),
        "twice": sorted(key for key, times in kept.items() if times > 1),
        "missing": sorted(str(n) for n in range(number) if str(n) not in kept),
        "tried_again": Notice.objects.filter(attempts__gt=1).count(),
    }


def plant(fault: str) -> None:
    """Put a fault in: names that are new each time, or marks that are made before the mail server has it."""
    if fault == "names":
        wording.message_id = lambda notice: f"<{notice.pk}.{secrets.token_hex(8)}@localhost>"
    if fault == "marks":
        begin = delivering._begin

        def too_early(pk: int, until: Any) -> Notice | None:
            begun = begin(pk, until)
            Notice.objects.filter(pk=pk).update(sent_at=until)
            return begun

        delivering._begin = too_early


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=240, help="within which the workers die")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--plant", choices=["", "names", "marks"], default="")
    given = parser.parse_args()
    # As at a school, only faster: who has died is waited for this long, and so is a mail server that refuses.
    delivering.LEASE, delivering.WORKS_FOR = timedelta(seconds=2), timedelta(seconds=0.3)
    delivering.LONGEST_WAIT = timedelta(seconds=1)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.LOGGING_CONFIG = None
    plant(given.plant)
    owe(given.notices)
    # Read once here what would take each worker most of its short life: our name, the words, the templates.
    str(DNS_NAME), wording.letter(Notice.objects.all()[0])
    with TemporaryDirectory() as folder:
        log = Path(folder) / "mails"
        connections.close_all()
        server = serve(settings.EMAIL_PORT, log, given.seed)
        began = time.monotonic()
        try:
            killed = mail_all(random.Random(given.seed), given.kills, given.seconds)
        finally:
            os.kill(server, signal.SIGTERM)
            os.waitpid(server, 0)
        took = round(time.monotonic() - began, 1)
        told = judge(log, given.notices)
    print(json.dumps({"seed": given.seed, "kills": killed, "seconds": took, **told}))


if __name__ == "__main__":
    main()
