"""`python -m tests.bench.policy_change show TIMES | save`: preview a shorter cap for students, or have it carried out.

Without grace time, so that what follows for tokens is left to the worker as soon as it is saved. Prints JSON.
"""

import json
import sys
import time
from typing import Any

import django

django.setup()

# ruff: noqa: E402  # models can be imported only now
from django.db.models import Max
from django.utils import timezone

from accounts.models import Account, User
from policies import planning
from policies.planning import Plan
from tests.bench.policy_seed import SHORTER_CAP


def plan() -> Plan:
    """A cap that ends on the day which parts the tokens, however old the database is."""
    filled_at = User.objects.aggregate(at=Max("created_at"))["at"]
    age = timezone.now() - filled_at
    return Plan(Account.objects.root(), {"student_cap_days": SHORTER_CAP - age.days}, grace_days=0)


def show(times: int) -> dict[str, Any]:
    """Look so many times, in seconds each."""
    seconds, wanted = [], plan()
    for _ in range(times):
        begun = time.perf_counter()
        seen = planning.show(wanted, actor=None, now=timezone.now()).preview
        seconds.append(time.perf_counter() - begun)
    return {"seconds": seconds, "shortened": seen.tokens.shortened}


def save() -> dict[str, Any]:
    """Save it with its quote and the number of tokens."""
    wanted, now = plan(), timezone.now()
    shown = planning.show(wanted, actor=None, now=now)
    begun = time.perf_counter()
    saved = planning.save(wanted, quoted=shown.quote, typed=shown.preview.tokens.hit, actor=None, now=now).planned
    if saved is None:
        raise SystemExit("There is nothing to shorten.")
    return {"seconds": time.perf_counter() - begun, "change": saved.pk, "shortened": saved.figures["shortened"]}


if __name__ == "__main__":
    print(json.dumps(show(int(sys.argv[2])) if sys.argv[1] == "show" else save()))
