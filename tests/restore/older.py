"""A database that is older than its journal, without a restore: the file has a page that was never committed here."""

import json
import secrets
from pathlib import Path
from typing import Any

from tests.cast import NOW
from tokens.journal import paper
from tokens.journal.gate import forget_look
from tokens.journal.looking import directory_of
from tokens.models import JournalBook, JournalPage

AT = NOW.isoformat()


def directory() -> Path:
    """Where the journal of this database stands."""
    return directory_of(JournalBook.objects.get().lineage)


def lines_in(place: Path) -> list[dict[str, Any]]:
    """All that stands in a journal, as anybody could read it."""
    files = sorted(place.glob("*.jsonl"))
    pages = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return [line for page in pages for line in page["lines"]]


def line(what: str, lookup_id: str = "", **facts: Any) -> dict[str, Any]:
    """A line as a page has it."""
    return {"at": AT, "what": what, "lookup_id": lookup_id, "facts": facts}


def append_unknown(*lines: dict[str, Any], place: Path | None = None, number: int | None = None) -> paper.Page:
    """Append a page of another course of events, as if the database had been restored to before it."""
    place = place or directory()
    if number is None:
        tail, last = paper.find_tail(place), JournalPage.objects.order_by("-number").first()
        number = max(tail.number if tail else 0, last.number if last else 0) + 1
    page = paper.Page(number, secrets.token_hex(8), AT, list(lines))
    with paper.held(place):
        paper.append(place, [page])
    forget_look()
    return page
