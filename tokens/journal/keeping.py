"""How long the journal is kept: as long as backups may be restored."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.prepared import fetch_one
from tokens.journal import paper
from tokens.journal.looking import directory_of

_FORGET_LINES = """
    DELETE FROM tokens_journalline line USING tokens_journalpage page WHERE page.number = line.page_id
        AND page.at < %(before)s AND page.number < (SELECT max(number) FROM tokens_journalpage)
"""
_FORGET_PAGES = """
    DELETE FROM tokens_journalpage
    WHERE at < %(before)s AND number < (SELECT max(number) FROM tokens_journalpage)
"""


def forget(*, now: datetime, keep_days: int) -> int:
    """Drop the pages that are older, but never the last one, and the files of whole months; return how many pages."""
    before = now - timedelta(days=keep_days)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FORGET_LINES, {"before": before})
        cursor.execute(_FORGET_PAGES, {"before": before})
        dropped = int(cursor.rowcount)
    row = fetch_one("SELECT lineage FROM tokens_journalbook", [])
    if row is not None:
        directory = directory_of(row[0])
        with paper.held(directory):
            paper.forget(directory, before=f"{before:%Y-%m}")
    return dropped
