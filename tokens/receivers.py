"""What the tokens do when roles or rules change: come under the new cap in the same transaction (R3)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.people import homed_in
from accounts.signals import roles_changed
from policies.signals import rules_changed
from tokens import tasks
from tokens.clamping import clamp, owners_to_clamp

# More owners than this are left to a job right after the commit, so that no page waits for them.
AT_ONCE = 1000


def connect() -> None:
    roles_changed.connect(clamp_after_roles, dispatch_uid="tokens.clamp_after_roles")
    rules_changed.connect(clamp_after_rules, dispatch_uid="tokens.clamp_after_rules")


def clamp_after_roles(*, user_ids: set[int], actor: User | None, now: datetime, **_kwargs: Any) -> int:
    """However large the roster: it is one transaction, and its clamps belong to it. Returns how many were shortened."""
    return clamp(User.objects.filter(pk__in=user_ids), actor=actor, now=now)


def clamp_after_rules(*, account_id: int, actor: User | None, now: datetime, **_kwargs: Any) -> None:
    people = homed_in([account_id], now=now)
    if owners_to_clamp(people, now=now)[: AT_ONCE + 1].count() > AT_ONCE:
        transaction.on_commit(tasks.start_clamp, robust=True)  # the daily job catches what a lost broker loses
    else:
        clamp(people, actor=actor, now=now)
