"""The jobs: one run of each at a time, and what is started is queued."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from celery import Task
from celery.signals import after_task_publish
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tokens import tasks
from tokens.tasks import locks

PATIENCE = 60  # seconds, on a busy machine
ALONE: list[tuple[Task[[], int], int]] = [
    (tasks.announce_requests, locks.ANNOUNCE_LOCK),
    (tasks.apply_changes, locks.CLAMP_LOCK),
    (tasks.carry_out_bulk, locks.BULK_LOCK),
    (tasks.clamp_tokens, locks.CLAMP_LOCK),
    (tasks.deliver_notices, locks.MAIL_LOCK),
    (tasks.expire_tokens, locks.EXPIRE_LOCK),
    (tasks.look_for_signals, locks.LOOK_LOCK),
    (tasks.make_class_tokens, locks.CLASS_LOCK),
    (tasks.report_pauses, locks.PAUSE_LOCK),
    (tasks.send_digests, locks.DIGEST_LOCK),
    (tasks.send_webhooks, locks.WEBHOOK_LOCK),
    (tasks.settle_leaks, locks.LEAK_LOCK),
    (tasks.tell_of_changes, locks.TELL_LOCK),
    (tasks.tend_reviews, locks.REVIEW_LOCK),
    (tasks.tend_unused_tokens, locks.UNUSED_LOCK),
]
STARTS: list[tuple[Callable[[], None], Task[[], int]]] = [
    (tasks.start_applying, tasks.apply_changes),
    (tasks.start_bulk, tasks.carry_out_bulk),
    (tasks.start_clamp, tasks.clamp_tokens),
    (tasks.start_classes, tasks.make_class_tokens),
    (tasks.start_reporting_pauses, tasks.report_pauses),
    (tasks.start_reviews, tasks.tend_reviews),
    (tasks.start_settling, tasks.settle_leaks),
    (tasks.start_telling, tasks.tell_of_changes),
    (tasks.start_webhooks, tasks.send_webhooks),
]


@contextmanager
def at_it(lock: int) -> Iterator[None]:
    """Another run of a job, over a session of its own."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
            assert cursor.fetchone() == (True,)
            yield
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])  # at once: after a hang-up it takes a moment
    finally:
        other.close()


@pytest.mark.parametrize(("job", "lock"), ALONE, ids=lambda each: getattr(each, "__name__", ""))
@pytest.mark.django_db(transaction=True)
def test_a_job_that_another_run_is_at_looks_at_nothing(job: Task[[], int], lock: int) -> None:
    with at_it(lock), CaptureQueriesContext(connection) as asked:
        assert job() == 0
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        job()
    assert len(asked) > 2  # it takes the lock, works, and gives it back


@pytest.mark.parametrize(("start", "job"), STARTS, ids=lambda each: getattr(each, "__name__", ""))
def test_what_is_started_is_queued(start: Callable[[], None], job: Task[[], int]) -> None:
    queued: list[str] = []

    def note(sender: str, **_about: Any) -> None:
        queued.append(sender)

    after_task_publish.connect(note)
    try:
        start()
        deadline = time.monotonic() + PATIENCE
        while not queued and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        after_task_publish.disconnect(note)
    assert queued == [job.name]
