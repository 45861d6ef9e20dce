"""Beat without a worker for thirty days, and with a clock that is put back: a real beat under a clock of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import redis
from django.conf import settings

from tests.portal import STOP_SECONDS, fresh_redis
from tests.torture.clocks.clock import Clock, require_faketime
from tokenportal.beat import LATER, Scheduler
from tokenportal.celery import app
from tokenportal.embedded import REPOSITORY

CELERYS_OWN = "celery.beat:PersistentScheduler"
JOBS = len(settings.CELERY_BEAT_SCHEDULE) + 1  # Celery has one of its own
DAY = timedelta(days=1)
PATIENCE = 120


class Beat:
    """A beat whose jobs nobody takes, every job due each second; and the clock that it has."""

    def __init__(self, clock: Clock, queue: redis.Redis) -> None:
        self.clock, self._queue = clock, queue

    @property
    def waiting(self) -> int:
        return int(self._queue.llen("celery"))

    def take_all(self) -> None:
        """What a worker would do."""
        self._queue.delete("celery")


def wait_for(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


@contextmanager
def beating(place: Path, *options: str) -> Iterator[Beat]:
    require_faketime()
    clock = Clock(place / "clock")
    url = fresh_redis()
    own = {"REDIS_URL": url, "EXPIRE_EVERY": "1", "CLAMP_EVERY": "1", "DEBUG": "1"}
    command = [sys.executable, "-m", "celery", "--app=tokenportal", "beat", "--pidfile=", *options]
    with redis.Redis.from_url(url) as queue, (place / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"--schedule={place / 'schedule'}"],
            cwd=REPOSITORY,
            env={**os.environ, **own, **clock.environment},
            stdout=log,
            stderr=log,
        )
        try:
            beat = Beat(clock, queue)
            wait_for(lambda: beat.waiting > 0 or process.poll() is not None, "beat has sent nothing")
            assert process.poll() is None, (place / "log").read_text()
            yield beat
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def month_passes(beat: Beat) -> int:
    """Day by day, each of which beat sees; the most jobs that wait at any time."""
    most = 0
    for day in range(1, 31):
        beat.clock.set(day * DAY)
        time.sleep(0.1)
        most = max(most, beat.waiting)
    return most


def test_a_month_without_a_worker_heaps_up_no_more_than_one_message_for_each_job(tmp_path: Path) -> None:
    with beating(tmp_path) as beat:
        wait_for(lambda: beat.waiting >= JOBS, "not every job was sent")
        assert month_passes(beat) <= JOBS
        beat.take_all()
        wait_for(lambda: beat.waiting > 0, "beat sends nothing once there is a worker")
        assert "no more are sent" in (tmp_path / "log").read_text()


def test_beat_goes_on_at_once_where_the_clock_is_put_back_by_a_day(tmp_path: Path) -> None:
    with beating(tmp_path) as beat:
        for times in (1, 2):
            beat.clock.set(-times * DAY)
            wait_for(partial(has_followed, tmp_path / "log", times), "it has not seen the clock")
            beat.take_all()
            wait_for(lambda: beat.waiting > 0, "beat waits until the day is over")


def test_a_clock_that_is_put_back_while_beat_looks_at_it_is_noticed_within_seconds(tmp_path: Path) -> None:
    with closing(Looked(app, schedule_filename=str(tmp_path / "schedule"))) as looked:
        for entry in looked.schedule.values():
            entry.last_run_at = entry.default_now() + DAY
        assert 0 < looked.tick() <= LATER


class Looked(Scheduler):
    """One that has looked at the clock just before it is put back."""

    def _follow_the_clock(self) -> None:
        """It has."""


def has_followed(log: Path, times: int) -> bool:
    return log.read_text().count("put back") >= times


def test_celerys_own_beat_would_do_neither(tmp_path: Path) -> None:
    with beating(tmp_path, f"--scheduler={CELERYS_OWN}") as beat:
        wait_for(lambda: month_passes(beat) > JOBS, "it heaps nothing up")
        beat.clock.set(-DAY)
        time.sleep(2)  # what was on its way
        beat.take_all()
        time.sleep(3)
        assert beat.waiting == 0
