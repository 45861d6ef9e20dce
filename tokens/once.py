"""A form that makes a token makes one: sent again by a reload, a double click or the back button, it names that one."""

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from accounts.models import User
from policies.refusals import Refused
from tokens.lifecycle import Issued
from tokens.models import AccessToken, IdempotentAnswer


def new_key() -> str:
    """A key for one form; not secret, but nobody else's."""
    return get_random_string(32)


def once(make: Callable[[], Issued], *, form: str, key: str, caller: User, now: datetime) -> Issued | AccessToken:
    """Run `make` unless `caller` has sent this form already; then return the token that it made, without its secret.

    Two at the same moment: the second waits for the first at the owner's lock, and its own token is taken back. Where
    it is refused because of what the first has made, that is its answer all the same.
    """
    made = find_made(form=form, key=key, caller=caller)
    if made is not None:
        return made
    try:
        with transaction.atomic():
            return _make(make, form, key, caller, now)
    except (IntegrityError, Refused):
        made = find_made(form=form, key=key, caller=caller)
        if made is None:
            raise
        return made


def _make(make: Callable[[], Issued], form: str, key: str, caller: User, now: datetime) -> Issued:
    issued = make()
    if key:
        IdempotentAnswer.objects.create(
            caller=caller, endpoint=f"form:{form}", key=key, body_hash=b"", token=issued.token, created_at=now
        )
    return issued


def find_made(*, form: str, key: str, caller: User) -> AccessToken | None:
    """The token that this very form made for this very person before."""
    answers = IdempotentAnswer.objects.select_related("token__user")
    found = answers.filter(caller=caller, endpoint=f"form:{form}", key=key).first() if key else None
    return found.token if found else None
