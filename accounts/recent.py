"""Whether somebody has shown lately that it is them: a session left open in a library changes nothing of weight."""

from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

# When the person of a session last signed in or was asked again, as seconds since 1970.
_PROVED_AT = "proved_at"
# Whoever was recent when a form was opened has so long to fill it in.
GRACE = timedelta(minutes=15)

Session = MutableMapping[str, Any]


def note_proof(session: Session, *, now: datetime) -> None:
    """Remember that it was them."""
    session[_PROVED_AT] = int(now.timestamp())


def is_recent(session: Session, *, now: datetime, grace: timedelta = timedelta(0)) -> bool:
    """Whether that is at most RECENT_SIGN_IN_MINUTES (and `grace`) ago; always, where the school asks nobody again."""
    minutes = settings.RECENT_SIGN_IN_MINUTES
    if not minutes:
        return True
    proved_at = session.get(_PROVED_AT)
    if not isinstance(proved_at, int):  # a session from before this was noted
        return False
    return now - datetime.fromtimestamp(proved_at, UTC) <= timedelta(minutes=minutes) + grace
