"""After a commit that may have ended something, before anybody is told: have it written."""

import logging

from django.db import transaction

from tokens.journal.looking import Quarantined
from tokens.journal.writing import settle

logger = logging.getLogger(__name__)


def owe() -> None:
    """Have what this transaction ends written to the journal once it is committed; outside of one, at once.

    Where the database goes away in between, whoever waits for the answer gets an error: it is committed, but nobody has
    promised it. A file that cannot be written stops nobody: it is said loudly, and a job tries again.
    """
    transaction.on_commit(_write)


def _write() -> None:
    try:
        settle()
    except Quarantined:
        logger.warning("The doors are closed: what ended now is written to the journal after the replay")
    except OSError:
        logger.critical("The journal of endings cannot be written: see docs/restore.md", exc_info=True)
