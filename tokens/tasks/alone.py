"""One run of a job at a time, whoever started it: an advisory lock of the database session."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# Keys of advisory locks: one run of a job at a time, whoever started it.
CLAMP_LOCK, EXPIRE_LOCK, USAGE_LOCK, UNUSED_LOCK = 7_221_002, 7_221_003, 7_221_004, 7_221_014
TELL_LOCK, ANNOUNCE_LOCK, LOOK_LOCK, LEAK_LOCK = 7_221_015, 7_221_016, 7_221_019, 7_221_018
BULK_LOCK, PAUSE_LOCK, REVIEW_LOCK, MAIL_LOCK = 7_221_017, 7_221_020, 7_221_021, 7_221_022
REMIND_LOCK, CLASS_LOCK = 7_221_023, 7_221_034
WEBHOOK_LOCK, DIGEST_LOCK, REPLAY_LOCK = 7_221_036, 7_221_038, 7_221_039


@contextmanager
def alone(key: int) -> Iterator[bool]:
    """Hold an advisory lock of the database session; yields False, at once, where another run has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        [got] = cursor.fetchone()
        try:
            yield got
        finally:
            if got:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
