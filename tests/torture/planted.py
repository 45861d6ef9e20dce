"""The portal with two faults, for `granian tests.torture.planted:application`: the torture has to find both.

A check is kept for 50 ms, and where the database cannot be asked the token is called invalid.
"""

import time
from datetime import datetime
from typing import Any

from django.db import Error

from tokenportal.wsgi import application
from tokens import authentication, verification
from tokens.gateway import introspection
from tokens.verification import INVALID, Checked

__all__ = ["application"]

_verify = verification.verify
KEPT_SECONDS = 0.05
_kept: dict[str, tuple[float, Checked]] = {}


def verify(text: str, *, now: datetime, with_membership: bool = False) -> Checked:
    """Keep, and guess."""
    del with_membership  # read always, as what is kept serves every door
    until, checked = _kept.get(text, (0.0, INVALID))
    if time.monotonic() < until:
        return checked
    try:
        checked = _verify(text, now=now, with_membership=True)
    except Error:
        return INVALID
    _kept[text] = (time.monotonic() + KEPT_SECONDS, checked)
    return checked


def verify_many(texts: Any, *, now: datetime, with_membership: bool = False) -> list[Checked]:
    """The same for introspection."""
    return [verify(text, now=now, with_membership=with_membership) for text in texts]


# Where the names were imported to.
vars(authentication).update(verify=verify)
vars(introspection).update(verify_many=verify_many)
