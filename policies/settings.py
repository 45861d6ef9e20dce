"""How an account's settings change: checked, saved and recorded in one transaction, and the news told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import record
from accounts.locks import RulesAreHeld, take_rules
from accounts.models import Account, User
from policies.locking import require_within_locks
from policies.models import Policy
from policies.refusals import Code, refuse
from policies.signals import rules_changed, total
from policies.validity import require_valid


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of settings did to tokens at once; None where they are so many that a job goes on with them."""

    shortened: int | None


@transaction.atomic
def change(account: Account, values: Mapping[str, object], *, actor: User | None, now: datetime) -> Change | None:
    """Set some of an account's own settings; None means inherit. Returns None if nothing differed.

    Raises Refused for what a setting cannot be (see `policies.validity`), setting_locked or rules_busy. Tokens that the
    new rules shorten are shortened before this returns, or by a job right after the commit where they are many. People
    go through `policies.planning`, which shows them first what follows and lets it wait.
    """
    require_valid(values)
    hold()
    require_within_locks(account, values)
    if not write(account, values, actor=actor, now=now):
        return None
    return Change(total(rules_changed.send(sender=Policy, account_id=account.pk, actor=actor, now=now)))


def hold() -> None:
    """Keep everybody else from the rules until this transaction ends. Raises Refused(rules_busy)."""
    try:
        take_rules()
    except RulesAreHeld as error:
        raise refuse(Code.RULES_BUSY) from error


def write(account: Account, values: Mapping[str, object], *, actor: User | None, now: datetime) -> dict[str, Any]:
    """Write settings that are checked, with their line in the trail; return what those were that differed.

    Whoever calls holds the rules, and tells the news.
    """
    before = differing(account, values)
    if before:
        after = {name: values[name] for name in before}
        Policy.objects.update_or_create(account=account, defaults={**after, "updated_at": now})
        facts: dict[str, Any] = {"account": account, "subject_id": account.pk, "before": before, "after": after}
        record("policy.change", actor=actor, now=now, **facts)
    return before


def differing(account: Account, values: Mapping[str, object]) -> dict[str, Any]:
    """What the account decides itself now, as far as `values` would change it."""
    own = (Policy.objects.filter(account=account).first() or Policy()).values()
    return {name: own[name] for name, value in values.items() if own[name] != value}
