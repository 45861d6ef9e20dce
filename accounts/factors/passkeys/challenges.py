"""What a browser was asked to sign: kept in its session, for one purpose and one person, and good for one answer."""

from collections.abc import MutableMapping
from datetime import datetime
from enum import StrEnum
from typing import Any

_ASKED = "passkey_asked"

Session = MutableMapping[str, Any]
# The challenge, and whether the device has to know who uses it, as fido2 has made it and checks an answer by it; and
# what else is to be remembered of what was asked.
State = dict[str, Any]


class Purpose(StrEnum):
    """What the answer is for: one for the second step does not sign anybody in by itself."""

    ADD = "add"
    ENTER = "enter"
    SECOND_STEP = "second_step"
    AGAIN = "again"


# Seconds for an answer. A sign-in page asks as it opens, so that the browser can offer a passkey with the name.
GOOD_FOR = {Purpose.ADD: 300, Purpose.ENTER: 1800, Purpose.SECOND_STEP: 300, Purpose.AGAIN: 300}


def keep(session: Session, state: State, purpose: Purpose, *, person_id: int | None, now: datetime) -> None:
    """Keep what was asked, in the place of what was asked before."""
    session[_ASKED] = {"state": state, "for": [purpose.value, person_id], "at": int(now.timestamp())}


def take(session: Session, purpose: Purpose, *, person_id: int | None, now: datetime) -> State | None:
    """Take out what was asked, whatever comes of it; None where it was not this, or is too long ago."""
    asked = session.pop(_ASKED, None)
    if asked is None or asked["for"] != [purpose.value, person_id]:
        return None
    state: State = asked["state"]
    return state if 0 <= now.timestamp() - asked["at"] <= GOOD_FOR[purpose] else None
