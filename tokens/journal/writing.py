"""Writing what is owed: a page in the database, then in the file of this host, one process at a time."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from accounts.prepared import fetch_all, fetch_one
from tokens.journal import paper
from tokens.journal.looking import Quarantined, Verdict, directory_of, look
from tokens.journal.paper import Page

logger = logging.getLogger(__name__)
MOST_LINES = 500  # a page
_AT_ONCE = 20  # pages in memory
_OWED = """
    SELECT lineage, EXISTS (SELECT FROM tokens_journalline WHERE page_id IS NULL),
        (SELECT max(number) FROM tokens_journalpage)
    FROM tokens_journalbook
"""
# Whatever the server's settings: what is on paper is to be on its disk.
_ALONE = "SELECT set_config('synchronous_commit', 'on', true) FROM tokens_journalbook FOR UPDATE"
_CLAIM = """
    WITH owed AS (SELECT id FROM tokens_journalline WHERE page_id IS NULL ORDER BY id LIMIT %s FOR UPDATE),
    page AS (
        INSERT INTO tokens_journalpage (number, mark)
        SELECT (SELECT coalesce(max(number), 0) + 1 FROM tokens_journalpage), %s WHERE EXISTS (SELECT FROM owed)
        RETURNING number
    )
    UPDATE tokens_journalline line SET page_id = page.number FROM owed, page WHERE line.id = owed.id
"""
_READ = """
    SELECT page.number, page.mark, page.at, line.at, line.what, line.lookup_id, line.facts
    FROM (SELECT * FROM tokens_journalpage WHERE number > %s ORDER BY number LIMIT %s) page
    LEFT JOIN tokens_journalline line ON line.page_id = page.number ORDER BY page.number, line.id
"""


def settle() -> int:
    """Write what is owed, of all hosts, into the file of this one; return how many pages that were.

    Raises Quarantined while the doors are closed, OSError where the file cannot be written, and django.db.Error.
    """
    row = fetch_one(_OWED, [])
    if row is None:
        raise Quarantined(Verdict.NAMELESS)
    lineage, is_owed, last = row
    directory, written = directory_of(lineage), 0
    if not is_owed and (last or 0) <= _reached(directory):
        return 0
    with paper.held(directory):
        while True:
            if (verdict := look().verdict) is not Verdict.OPEN:
                raise Quarantined(verdict)
            is_more = claim()
            written += catch_up(directory, after=_reached(directory))
            if not is_more:
                return written


def follow() -> None:
    """Append some of the pages of other hosts, if nobody holds the journal now. Raises OSError and django.db.Error."""
    row = fetch_one(_OWED, [])
    if row is None:
        return
    directory = directory_of(row[0])
    with suppress(paper.Busy), paper.held(directory, patience=0):
        if look().verdict is Verdict.OPEN:
            paper.append(directory, islice(pages_after(_reached(directory)), _AT_ONCE))


def _reached(directory: Path) -> int:
    tail = paper.find_tail(directory)
    return tail.number if tail else 0


@transaction.atomic(durable=True)
def claim() -> bool:
    """Give lines that are owed a page; tells whether there may be more. One claim at a time, whichever the host."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
        cursor.execute(_CLAIM, [MOST_LINES, secrets.token_hex(8)])
        return bool(cursor.rowcount == MOST_LINES)


def catch_up(directory: Path, *, after: int) -> int:
    """Append the pages behind number `after`; return how many. The caller holds the journal."""
    if after == 0 and not paper.segments(directory):
        logger.warning("A journal of endings begins in %s, with what the database knows", directory)
    return paper.append(directory, pages_after(after))


def pages_after(number: int) -> Iterator[Page]:
    """The pages that the database knows behind a number, some at a time."""
    last = number
    while rows := fetch_all(_READ, [last, _AT_ONCE]):
        for (last, mark, at), lines in groupby(rows, key=itemgetter(0, 1, 2)):  # where to go on
            yield Page(last, mark, _iso(at), [_line(*each[3:]) for each in lines if each[3] is not None])


def _line(at: datetime, what: str, lookup_id: str, facts: dict[str, Any]) -> dict[str, Any]:
    line: dict[str, Any] = {"at": _iso(at), "what": what}
    return line | ({"lookup_id": lookup_id} if lookup_id else {}) | ({"facts": facts} if facts else {})


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
