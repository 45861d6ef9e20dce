"""The replay: what the journal has and the database does not is ended again, and then known; then the doors open."""

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.audit import record
from accounts.models import User
from accounts.prepared import fetch_all, fetch_one
from tokens import journal
from tokens.clamping import clamp
from tokens.journal import paper, writing
from tokens.journal.gate import forget_look
from tokens.journal.looking import Verdict, directory_of, look
from tokens.journal.paper import Page, Tail
from tokens.models import BulkAct, BulkKind, JournalBook, JournalLine, JournalPage
from tokens.restoring.ending import Advance, end_again
from tokens.restoring.folding import Endings, fold

_KNOWN = """
    SELECT page.number, page.mark FROM tokens_journalpage page
    JOIN unnest(%s::bigint[], %s::text[]) AS asked (number, mark) USING (number, mark)
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What the journal of this host has that the database lacks: `missing` pages behind `last`, the last known one."""

    verdict: Verdict
    directory: Path
    last: Tail | None = None
    missing: int = 0


@dataclass
class Replayed:
    """What came of a replay; `failed` are sentences about what could not be ended."""

    endings: Endings
    done: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)


def find_missing() -> Found:
    """Compare the whole journal of this host with the database. Raises OSError and django.db.Error."""
    verdict = look().verdict
    row = fetch_one("SELECT lineage FROM tokens_journalbook", [])
    directory = directory_of(row[0] if row else "")
    if verdict is not Verdict.BEHIND:
        return Found(verdict, directory)
    last, missing, written = None, 0, paper.pages(directory)
    while some := [page.tail for page in islice(written, 500)]:
        asked = [[tail.number for tail in some], [tail.mark for tail in some]]
        known = {Tail._make(each) for each in fetch_all(_KNOWN, asked)}
        for tail in some:
            last, missing = (tail, 0) if tail in known else (last, missing + 1)
    return Found(verdict, directory, last, missing)


def read(found: Found) -> Endings:
    """What the missing pages say."""
    return fold(line for page in missing_pages(found) for line in page.lines)


def missing_pages(found: Found) -> Iterator[Page]:
    """The pages behind the last that the database knows, one at a time."""
    is_behind = found.last is None
    for page in paper.pages(found.directory):
        if is_behind:
            yield page
        is_behind = is_behind or page.tail == found.last


def replay(found: Found, *, now: datetime, advance: Advance) -> Replayed:
    """End again what had ended, sign everybody out, and open the doors.

    Killed at any point it is begun again from the start: nothing is known of a page before all of it has ended.
    """
    replayed = Replayed(read(found))
    _stop_resuming(now)
    replayed.done, replayed.failed = end_again(replayed.endings, now=now, advance=advance)
    replayed.done["clamped"] = clamp(User.objects.all(), actor=None, now=now)
    Session.objects.all().delete()  # those of people who had signed out, or were signed out, since
    with paper.held(found.directory):
        with transaction.atomic():
            is_forked = learn(found)
            lift(now=now, counts={**replayed.done, "lines": replayed.endings.lines})
        while writing.claim():
            pass
        after = found.last if is_forked else paper.find_tail(found.directory)
        writing.catch_up(found.directory, after=after.number if after else 0)
    forget_look()
    journal.settle()
    return replayed


def _stop_resuming(now: datetime) -> None:
    """An act that lets many tokens work again, and was not done at the time of the backup, is not gone on with."""
    BulkAct.objects.filter(kind=BulkKind.RESUME, finished_at=None).update(finished_at=now, stopped_at=now)


@transaction.atomic
def learn(found: Found) -> bool:
    """Let the database know the missing pages; tells whether it has other pages by their numbers.

    Then they stand at the end, under new numbers: hosts have gone different ways since the restore.
    """
    newest = JournalPage.objects.order_by("-number").values_list("number", flat=True).first() or 0
    is_forked = False
    for page in missing_pages(found):
        is_forked = is_forked or page.number <= newest
        number, mark = page.number, page.mark
        if is_forked:
            number, mark = newest + 1, secrets.token_hex(8)
        newest = number
        JournalPage.objects.create(number=number, mark=mark, at=page.at)
        JournalLine.objects.bulk_create(
            JournalLine(
                page_id=number,
                at=line["at"],
                what=line["what"],
                lookup_id=line.get("lookup_id", ""),
                facts=line.get("facts", {}),
            )
            for line in page.lines
        )
    return is_forked


@transaction.atomic
def lift(*, now: datetime, counts: dict[str, int] | None = None) -> None:
    """Open the doors, as far as this host is concerned, and put it into the trail."""
    JournalBook.objects.update(missing_number=None, missing_mark="")
    record("journal.replay", actor=None, now=now, after={name: n for name, n in (counts or {}).items() if n})
