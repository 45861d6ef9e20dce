"""A change of settings that waits, for tests about what is told and done because of it."""

from datetime import datetime
from typing import Any

from accounts.models import Account, User
from policies import planning
from policies.models import PlannedChange
from policies.planning import Plan


def wait_for(
    account: Account, values: dict[str, Any], *, actor: User | None, now: datetime, **terms: Any
) -> PlannedChange:
    """Show a change and save it, as any door does."""
    wanted = Plan(account, values, **terms)
    shown = planning.show(wanted, actor=actor, now=now)
    saved = planning.save(wanted, quoted=shown.quote, typed=shown.preview.tokens.hit, actor=actor, now=now).planned
    assert saved is not None
    return saved
