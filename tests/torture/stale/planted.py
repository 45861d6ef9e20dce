"""The portal with two faults, for `granian tests.torture.stale.planted:application`: the torture has to find both.

A check is kept for 50 ms, and where the database cannot be asked the token is called invalid.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import Error

from tokenportal.wsgi import application
from tokens import authentication, verification
from tokens.gateway import introspection
from tokens.verification import INVALID, Checked
from tokens.verifiers import Claim, VerifierRow

__all__ = ["application"]

_verify, _check = verification.verify, vars(introspection)["_check"]
KEPT_SECONDS = 0.05
_kept: dict[Any, tuple[float, Any]] = {}


def _kept_or(key: Any, ask: Callable[[], Any], otherwise: Any) -> Any:
    """Keep, and guess."""
    until, found = _kept.get(key, (0.0, None))
    if time.monotonic() < until:
        return found
    try:
        found = ask()
    except Error:
        return otherwise
    _kept[key] = (time.monotonic() + KEPT_SECONDS, found)
    return found


def verify(text: str, *, now: datetime, with_membership: bool = False) -> Checked:
    """For the API and `/verify`."""

    def ask() -> Checked:
        return _verify(text, now=now, with_membership=with_membership)

    checked: Checked = _kept_or((text, with_membership), ask, INVALID)
    return checked


def check(claim: Claim, texts: Sequence[str], now: datetime) -> tuple[VerifierRow, list[Checked]]:
    """The same for introspection."""
    nobody = VerifierRow(0, b"", "", "", [])
    found: tuple[VerifierRow, list[Checked]] = _kept_or(
        tuple(texts), lambda: _check(claim, texts, now), (nobody, [INVALID] * len(texts))
    )
    return found


# Where the names were imported to.
vars(authentication).update(verify=verify)
vars(introspection).update(_check=check)
