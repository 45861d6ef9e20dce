"""Faults that each have to turn a race red: what holds the portal's locks together, taken away one at a time."""

import time
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

from accounts import dependents, locks
from accounts.models import User
from tests.torture.races import cast
from tokens import idempotency, lifecycle, once, receivers
from tokens.lifecycle import applying, leaving, moving, verbs
from tokens.lifecycle.holding import hold
from tokens.models import AccessToken, Notice
from tokens.notifications import delivering
from tokens.reminding import telling
from tokens.verification import verify


class Fault(NamedTuple):
    """What is put in, and the race that has to find it."""

    plant: Callable[[], None]
    race: str


def _put(module: Any, **names: Any) -> None:
    vars(module).update(names)


def unlocked_people() -> None:
    _put(locks, _locked=lambda user_ids: User.objects.filter(pk__in=user_ids).order_by("pk"))


def unheld_rules() -> None:
    _put(locks, hold_rules=lambda: None)


def token_read_too_early() -> None:
    def locked(token: AccessToken, now: datetime) -> Any:
        row = AccessToken.objects.select_related("user", "creator").get(pk=token.pk)
        return row, hold(row.user_id, now)[1]

    _put(verbs, _locked=locked)


def keys_not_locked() -> None:
    _put(idempotency, _lock=lambda _call: None)


def form_forgotten() -> None:
    _put(once, _make=lambda make, *_facts: make())


def refusal_of_a_second_click() -> None:
    find = once.find_made
    calls = [0]

    def found_the_first_time_only(**facts: Any) -> Any:
        calls[0] += 1
        return find(**facts) if calls[0] % 2 else None

    _put(once, find_made=found_the_first_time_only)


def tokens_in_any_order() -> None:
    for module in (moving, leaving, applying):
        _put(module, hold_tokens=lambda _owner_ids: None)


def tokens_held_by_the_batch() -> None:
    _put(dependents, _holders=[])
    _put(receivers, lifecycle=SimpleNamespace(**{**vars(lifecycle), "hold_all": lambda _owner_ids: None}))


def cached_check() -> None:
    kept = dict[str, Any]()

    def for_50_ms(text: str, *, now: datetime) -> Any:
        until, checked = kept.get(text, (0.0, None))
        if time.monotonic() > until:
            checked = verify(text, now=now)
            kept[text] = (time.monotonic() + 0.05, checked)
        return checked

    _put(cast, verify=for_50_ms)


def reminders_not_noted() -> None:
    _put(telling, _begin=lambda owner_ids, _people, _now: set(owner_ids), _note=lambda due: {d.token.pk for d in due})


def mails_not_claimed() -> None:
    def claim(now: datetime, until: datetime, most: int) -> list[int]:
        return list(Notice.objects.filter(sent_at=None).values_list("pk", flat=True)[:most])

    def begin(pk: int, _until: datetime) -> Notice | None:
        return Notice.objects.select_related("person").filter(pk=pk).first()

    _put(delivering, _claim=claim, _begin=begin)


FAULTS = {
    "people are not locked": Fault(unlocked_people, "create x create at the limit"),
    "the rules are not held": Fault(unheld_rules, "create x policy flip"),
    "a token is read too early": Fault(token_read_too_early, "regenerate x regenerate"),
    "keys are not locked": Fault(keys_not_locked, "same idempotency key"),
    "a form is forgotten": Fault(form_forgotten, "double click"),
    "a second click is refused": Fault(refusal_of_a_second_click, "double click at the limit"),
    "tokens are locked in any order": Fault(tokens_in_any_order, "resume many x revoke many"),
    "tokens are locked batch by batch": Fault(tokens_held_by_the_batch, "role change x revoke many"),
    "checks are kept for 50 ms": Fault(cached_check, "revoke x use"),
    "reminders are not noted": Fault(reminders_not_noted, "remind x remind without the lock"),
    "mails are not claimed": Fault(mails_not_claimed, "mail x mail without the lock"),
}
