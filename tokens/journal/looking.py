"""Whether the doors may answer: not while the database is older than the journal.

Asked after every read of a token: it costs a comparison, and a statement once a second, or where the connection is a
new one. After the read, since a read may be what notices that the server behind a kept connection was another one.
"""

import logging
import threading
import time
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections

from accounts.prepared import fetch_one
from tokens.journal import paper
from tokens.journal.paper import Tail

logger = logging.getLogger(__name__)
EVERY = 1.0  # seconds
# With the last page that a file has: which database this is, whether a page is missed by another host, or this one.
_LOOK = """
    SELECT lineage, missing_number IS NOT NULL AND NOT EXISTS (
            SELECT FROM tokens_journalpage WHERE number = missing_number AND mark = missing_mark
        ), EXISTS (SELECT FROM tokens_journalpage WHERE number = %s::bigint AND mark = %s::text)
    FROM tokens_journalbook
"""
_CLOSE = """
    UPDATE tokens_journalbook SET missing_number = %s, missing_mark = %s
    WHERE missing_number IS NULL OR missing_number < %s
"""


class Quarantined(Exception):
    """The database is older than the journal: what it says of a token may have ended since."""


class Verdict(StrEnum):
    """How database and journal stand to each other."""

    OPEN = "open"
    BEHIND = "behind"  # the database does not know the last page of this host's file
    CLOSED = "closed"  # another host has said so
    NAMELESS = "nameless"  # the database does not say which one it is: it is being restored, or not migrated yet


class _Here(threading.local):
    """Django keeps one connection a thread."""

    connection: object = None
    until = 0.0


_here = _Here()
_lineage = ""  # as it was found last


def directory_of(lineage: str) -> Path:
    """Where the journal of a database stands on this host."""
    return Path(settings.REVOCATION_JOURNAL) / lineage


def require_open() -> None:
    """Raise Quarantined where the doors are closed, and django.db.Error where the database cannot be asked."""
    if time.monotonic() < _here.until and _here.connection is connections[DEFAULT_DB_ALIAS].connection:
        return
    verdict = look()
    if verdict is not Verdict.OPEN:
        raise Quarantined(verdict)
    _here.connection, _here.until = connections[DEFAULT_DB_ALIAS].connection, time.monotonic() + EVERY


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


def look() -> Verdict:
    """Compare the last page of this host's file with the database. Raises django.db.Error.

    The file first: whoever writes commits a page before it is appended, so what the file has, the database knows.
    """
    global _lineage  # noqa: PLW0603  # one database a process
    while True:
        tail = find_tail(_lineage)
        row = fetch_one(_LOOK, [tail.number if tail else 0, tail.mark if tail else ""])
        if row is None:
            return Verdict.NAMELESS
        lineage, is_closed, knows = row
        if lineage == _lineage:
            break
        _lineage = lineage
    if tail is not None and not knows:
        _close(tail)
        return Verdict.BEHIND
    return Verdict.CLOSED if is_closed else Verdict.OPEN


def find_tail(lineage: str) -> Tail | None:
    """The last page on this host; None also where it cannot be read, which is no proof of anything."""
    try:
        return paper.find_tail(directory_of(lineage)) if lineage else None
    except OSError:
        logger.exception("The journal of endings in %s cannot be read", settings.REVOCATION_JOURNAL)
        return None


def _close(tail: Tail) -> None:
    """Let the other hosts know, whose files may not have come as far."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [tail.number, tail.mark, tail.number])
        if cursor.rowcount:
            logger.critical(
                "The database is older than page %s of the journal: a backup was restored. The doors are closed until "
                "`manage.py replay_revocations` has run.",
                tail.number,
            )
