"""The little school in one transaction, which is taken back at the end, and the application that is asked about it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from tests.torture.hostile.asking import keeping_the_connection
from tests.torture.hostile.people import People


@contextmanager
def standing() -> Iterator[People]:
    """Everybody, until the end of the block. A line in the log for each of thousands of refusals helps nobody."""
    level = logging.root.manager.disable
    with keeping_the_connection(), transaction.atomic():
        people = People()
        logging.disable(logging.WARNING)
        try:
            yield people
        finally:
            logging.disable(level)
            transaction.set_rollback(True)
