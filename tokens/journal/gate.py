"""What the doors ask after every read of a token: whether they may believe the database.

It costs a comparison, and a statement once a second, or where the connection is a new one. After the read, since a read
may be what notices that the server behind a kept connection was another one.
"""

import logging
import threading
import time

from django.db import connection

from accounts.prepared import asked
from tokens.journal import writing
from tokens.journal.looking import Quarantined, Verdict, look

logger = logging.getLogger(__name__)
EVERY = 1.0  # seconds


class _Here(threading.local):
    """Over which connection this thread has looked last, and until when that holds."""

    connection: object = None
    until = 0.0


_here = _Here()


def require_open() -> None:
    """Raise Quarantined where the doors are closed, and django.db.Error where the database cannot be asked."""
    if time.monotonic() < _here.until and _here.connection is asked():
        return
    seen = look()
    if seen.verdict is not Verdict.OPEN:
        raise Quarantined(seen.verdict)
    if seen.is_ahead and not connection.in_atomic_block:
        _follow()
    _here.connection, _here.until = asked(), time.monotonic() + EVERY


def is_quarantined() -> bool:
    """Whether the doors are closed. Raises django.db.Error."""
    try:
        require_open()
    except Quarantined:
        return True
    return False


def forget_look() -> None:
    """Look again next time, in this thread."""
    _here.until = 0.0


def _follow() -> None:
    """Write down some of what other hosts have ended, unless somebody is at it: a request waits for none of it."""
    try:
        writing.follow()
    except OSError as error:
        logger.warning("The journal of endings lags behind: %s", error)
