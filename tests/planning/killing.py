"""`python -m tests.planning.killing`: a worker that carries out a change is killed with SIGKILL again and again.

Fills an empty, migrated database, saves a change, and prints as JSON what stands there afterwards beside what its
preview said. The worker is a process of its own with a connection of its own, which runs the job that Celery would run.
"""

import json
import os
import random
import signal
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

import django

django.setup()

# ruff: noqa: E402  # models can be imported only now
from django.db import connections
from django.db.models import Count
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Account
from policies import planning
from policies.hits import hits
from policies.models import PlannedChange, Stage
from policies.planning import Plan
from tests.bench.policy_seed import SHORTER_CAP, fill
from tokens import applying, receivers, tasks
from tokens.models import AccessToken, Notice

Ends = dict[int, datetime | None]


def begin() -> tuple[PlannedChange, Ends]:
    """A change that has begun and is left to the job, and the ends that its preview gave to tokens."""
    wanted, now = Plan(Account.objects.root(), {"student_cap_days": SHORTER_CAP}, grace_days=0), timezone.now()
    shown = planning.show(wanted, actor=None, now=now)
    ends = {hit.token.pk: hit.new_end for hit in hits(shown.preview)}
    saved = planning.save(wanted, quoted=shown.quote, typed=len(ends), actor=None, now=now).planned
    if saved is None or saved.stage != Stage.APPLYING:
        raise SystemExit("Nothing was left to the job.")
    return saved, ends


def start() -> int:
    """Start a worker; its number."""
    connections.close_all()  # it must not inherit one
    worker = os.fork()
    if not worker:
        try:
            tasks.apply_changes()
        finally:
            os._exit(0)
    return worker


def carry_out(change: PlannedChange, rng: random.Random, kills: int) -> dict[str, int]:
    """Kill so many workers, each within the time that some batches take, and let the last one come to the end.

    That time is found anew with each of them, as the machine may be busy now and idle later: a worker that had not
    come to the end of a batch gives the next one longer, and one that had come far gives it less.
    """
    points, killed, longest = set[int](), 0, _first_batch(change)
    while killed < kills and change.stage == Stage.APPLYING:
        before, worker = change.applied_to, start()
        _leave_alone(change, rng.uniform(0, longest))
        os.kill(worker, signal.SIGKILL)
        _pid, status = os.waitpid(worker, 0)
        killed += os.WIFSIGNALED(status)
        change.refresh_from_db()
        points.add(change.applied_to)
        longest *= 1.25 if change.applied_to == before else 0.8
    while change.stage == Stage.APPLYING:
        os.waitpid(start(), 0)
        change.refresh_from_db()
    return {"kills": killed, "points": len(points)}


def _leave_alone(change: PlannedChange, seconds: float) -> None:
    """Let a worker do what it does for so long, but not until it has come to the end of a third batch."""
    until, before = time.monotonic() + seconds, change.applied_to
    while time.monotonic() < until and change.applied_to <= before + 2 * applying.BATCH:
        time.sleep(0.002)
        change.refresh_from_db()


def _first_batch(change: PlannedChange) -> float:
    """Twice the seconds from a worker's start to the end of its first batch; it is killed then."""
    begun, worker = time.monotonic(), start()
    while not change.applied_to:
        time.sleep(0.001)
        change.refresh_from_db()
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    return 2 * (time.monotonic() - begun)


def outcome(change: PlannedChange, ends: Ends) -> dict[str, Any]:
    """What stands there: every list is empty and every number the same where all went well."""
    lines = AuditEvent.objects.filter(action="token.clamp")
    notices = Notice.objects.filter(event="token.clamp").values("person").annotate(number=Count("pk"))
    now = dict(AccessToken.objects.filter(pk__in=ends).values_list("pk", "expires_at"))
    return {
        "previewed": change.figures["shortened"],
        "counted": change.shortened,
        "lines": lines.count(),
        "with_a_line": len(set(lines.values_list("subject_id", flat=True)) & ends.keys()),
        "wrong_ends": [pk for pk, end in ends.items() if now[pk] != end],
        "owners": len(set(AccessToken.objects.filter(pk__in=ends).values_list("user", flat=True))),
        "told": notices.count(),
        "told_twice": list(notices.filter(number__gt=1).values_list("person", flat=True)),
        "finished": AuditEvent.objects.filter(action="policy.apply").count(),
    }


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=3_000, help="in the table; a tenth as many people")
    parser.add_argument("--batch", type=int, default=4, help="owners in a batch")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    receivers.AT_ONCE, applying.BATCH = 0, given.batch  # left to the job, in many small batches
    fill(given.tokens, given.tokens // 10, given.tokens)
    change, ends = begin()
    print(json.dumps({**carry_out(change, random.Random(given.seed), given.kills), **outcome(change, ends)}))


if __name__ == "__main__":
    main()
