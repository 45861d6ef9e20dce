"""The portal with a fault, for `granian tests.torture.kills.planted:application`: the kills have to find it.

PLANTED says which: `trail` writes a token's line after its change was committed, `keys` so remembers what was made
under an Idempotency-Key. Both are right until a process dies between the two.
"""

import os
import time
from datetime import datetime
from typing import Any

import django

django.setup()

# ruff: noqa: E402  # its models can be imported only now
from django.db import transaction

from accounts.audit import AuditEvent
from tokenportal.wsgi import application
from tokens import idempotency
from tokens.idempotency import Call
from tokens.lifecycle import Issued

__all__ = ["application"]

LATE = 1.0  # seconds
_save, _remember = AuditEvent.save, vars(idempotency)["_remember"]


def save_late(self: AuditEvent, *given: Any, **named: Any) -> None:
    """For lines about tokens."""

    def save() -> None:
        time.sleep(LATE)
        _save(self, *given, **named)

    if self.action.startswith("token."):
        transaction.on_commit(save)
    else:
        _save(self, *given, **named)


def remember_late(call: Call, issued: Issued, now: datetime) -> Issued:
    def remember() -> None:
        time.sleep(LATE)
        with transaction.atomic():
            _remember(call, issued, now)

    transaction.on_commit(remember)
    return issued


if os.environ["PLANTED"] == "trail":
    setattr(AuditEvent, "save", save_late)  # noqa: B010  # one that takes what it is given
elif os.environ["PLANTED"] == "keys":
    vars(idempotency).update(_remember=remember_late)
