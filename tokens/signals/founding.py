"""What every school watches for from the first moment: each rule, by its usual numbers, in the root account."""

from typing import Any

from django.apps import apps as installed
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from tokens.signals.rules import RULES


def found_watches(using: str = DEFAULT_DB_ALIAS, apps: Any = installed, **_kwargs: Any) -> None:
    """Run after each `migrate` (and each `flush`); a rule that is new watches from then on. Changes nothing twice."""
    try:
        account, watch = apps.get_model("accounts", "Account"), apps.get_model("tokens", "Watch")
    except LookupError:  # migrated back to before this
        return
    root = account.objects.using(using).filter(parent=None).first()
    if root is None:  # this app is not the one after which it is there
        return
    known = set(watch.objects.using(using).filter(account=root).values_list("rule", flat=True))
    missing = {rule: looking for rule, looking in RULES.items() if rule.value not in known}
    watch.objects.using(using).bulk_create(
        watch(account=root, rule=rule.value, is_on=True, limits=looking.usual, since=timezone.now())
        for rule, looking in missing.items()
    )
