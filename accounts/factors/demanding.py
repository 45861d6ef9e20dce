"""Who has to have a second step before anything else, as MFA_REQUIRED says, and which sessions wait for that."""

from collections.abc import MutableMapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings

from accounts.factors.keeping import held_by
from accounts.models import User
from accounts.people import membership

_WAITS, _DONE_THERE = "must_set_up", "second_step_at_provider"
# What a provider says who asked for more than one thing there (RFC 8176, section 2).
_SEVERAL = "mfa"

Session = MutableMapping[str, Any]


class Required(StrEnum):
    """Of whom a second step is required."""

    NOBODY = "nobody"
    ADMINISTRATORS = "administrators"  # who holds a right over others, anywhere
    EVERYBODY = "everybody"


def must_have(person: User, *, now: datetime) -> bool:
    """Whether a second step is required of this person."""
    required = Required(settings.MFA_REQUIRED)
    if required == Required.ADMINISTRATORS:
        return bool(membership(person, now=now).standing.permissions)
    return required == Required.EVERYBODY


def note_provider(session: Session, claims: MutableMapping[str, Any]) -> None:
    """Note whether the school's own sign-in says that it has asked for a second step itself (claim `amr`)."""
    session.pop(_DONE_THERE, None)
    if isinstance(claims.get("amr"), list) and _SEVERAL in claims["amr"]:
        session[_DONE_THERE] = True


def begin(session: Session, person: User, *, now: datetime) -> None:
    """Let the session wait, if this person still has to set something up."""
    session.pop(_WAITS, None)
    if must_have(person, now=now) and not session.get(_DONE_THERE) and not held_by(person).is_on:
        session[_WAITS] = True


def waits(session: Session, person: User) -> bool:
    """Whether the session waits for a second step; as soon as there is one it waits no more, for good."""
    if not session.get(_WAITS):
        return False
    if held_by(person).is_on:
        del session[_WAITS]
        return False
    return True
