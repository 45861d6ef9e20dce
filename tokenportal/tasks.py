"""The portal's own sign of life."""

import time

from celery import shared_task

from tokenportal.metrics import jobs


@shared_task
def note_beat() -> None:
    """Show that beat sends and a worker takes."""
    jobs.note_beat(at=time.time())
