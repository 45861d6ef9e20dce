"""How database and journal stand to each other: which of them is older."""

import logging
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from accounts.prepared import fetch_one
from tokens.journal import paper
from tokens.journal.paper import Tail

logger = logging.getLogger(__name__)
# With the last page that a file has: which database this is, whether another host misses a page in it, whether it knows
# that one, and which is its own last.
_LOOK = """
    SELECT lineage, missing_number IS NOT NULL AND NOT EXISTS (
            SELECT FROM tokens_journalpage WHERE number = missing_number AND mark = missing_mark
        ), EXISTS (SELECT FROM tokens_journalpage WHERE number = %s::bigint AND mark = %s::text),
        coalesce((SELECT max(number) FROM tokens_journalpage), 0)
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


class Seen(NamedTuple):
    """What a look saw; `is_ahead`: the database has pages that this host's file has not."""

    verdict: Verdict
    is_ahead: bool = False


_lineage = ""  # as it was found last


def directory_of(lineage: str) -> Path:
    """Where the journal of a database stands on this host."""
    return Path(settings.REVOCATION_JOURNAL) / lineage


def look() -> Seen:
    """Compare the last page of this host's file with the database. Raises django.db.Error.

    The file first: whoever writes commits a page before it is appended, so what the file has, the database knows.
    """
    global _lineage  # noqa: PLW0603  # one database a process
    while True:
        tail = find_tail(_lineage)
        row = fetch_one(_LOOK, [tail.number if tail else 0, tail.mark if tail else ""])
        if row is None:
            return Seen(Verdict.NAMELESS)
        lineage, is_closed, knows, last = row
        if lineage == _lineage:
            break
        _lineage = lineage
    if tail is not None and not knows:
        _close(tail)
        return Seen(Verdict.BEHIND)
    return Seen(Verdict.CLOSED if is_closed else Verdict.OPEN, last > (tail.number if tail else 0))


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
