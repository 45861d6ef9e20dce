"""How the journal fares on this host: for probes and metrics."""

from dataclasses import dataclass

from accounts.prepared import fetch_one
from tokens.journal.gate import is_quarantined
from tokens.journal.looking import find_tail

LATE = 60  # seconds after which what is owed should have been written
_OWED = """
    SELECT lineage,
        (SELECT count(*) FROM tokens_journalline WHERE page_id IS NULL),
        greatest(
            (SELECT extract(epoch FROM now() - min(at)) FROM tokens_journalline WHERE page_id IS NULL),
            (SELECT extract(epoch FROM now() - min(at)) FROM tokens_journalpage WHERE number > %s)
        )::float8
    FROM tokens_journalbook
"""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the doors are closed; lines that no page has; and how long this host has owed something, in seconds."""

    is_quarantined: bool
    owed: int = 0
    late: float = 0.0

    @property
    def word(self) -> str:
        """In one word."""
        if self.is_quarantined:
            return "quarantined"
        return "late" if self.late > LATE else "ok"


def health() -> Health:
    """Ask. Raises django.db.Error."""
    is_closed = is_quarantined()
    lineage = fetch_one("SELECT lineage FROM tokens_journalbook", [])
    tail = find_tail(lineage[0]) if lineage else None
    row = fetch_one(_OWED, [tail.number if tail else 0])
    if row is None:
        return Health(is_closed)
    return Health(is_closed, owed=row[1], late=max(row[2] or 0.0, 0.0))
