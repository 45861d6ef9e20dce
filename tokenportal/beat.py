"""Celery's beat, which heaps up no jobs that no worker takes, and goes on when the clock is put back.

Its own would send a job every ten seconds for as long as no worker is there, until Redis is full of them; and where the
clock is put back by a day, send nothing until the day is over.
"""

import logging
from typing import Any, cast

import redis
from celery.beat import PersistentScheduler, ScheduleEntry
from django.conf import settings

logger = logging.getLogger(__name__)
LATER = 5  # seconds, until it is looked again whether there is room, and what the clock says


class Scheduler(PersistentScheduler):
    """Sends what is due while no more wait for a worker than there are jobs; the rest stays due."""

    # Celery's five minutes are too long where the clock is put back in the midst of a look at it.
    max_interval = LATER
    _is_holding_back = False

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send one job that is due; return the seconds until the next look."""
        self._follow_the_clock()
        seconds: float = super().tick(*args, **kwargs)
        return seconds

    def is_due(self, entry: ScheduleEntry) -> tuple[bool, float]:
        """Whether a job is to be sent now, and in how many seconds it is to be looked at again."""
        is_due, seconds = entry.is_due()
        if is_due and not self._has_room():
            if self.should_sync():  # by the age of its file others see that it lives
                self._do_sync()  # type: ignore[attr-defined]  # the stubs do not know it
            return False, LATER
        return is_due, seconds

    def _has_room(self) -> bool:
        """Whether fewer messages wait than there are jobs; where nobody can say, Celery sees to it itself."""
        try:
            with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=2, socket_connect_timeout=2) as broker:
                waiting = cast("int", broker.llen(self.app.conf.task_default_queue))
        except redis.RedisError:
            return True
        is_full = waiting >= len(self.schedule)
        if is_full != self._is_holding_back:
            logger.warning("%s jobs wait for a worker; %s", waiting, "no more are sent" if is_full else "sending again")
        self._is_holding_back = is_full
        return not is_full

    def _follow_the_clock(self) -> None:
        """Count from now where a job would have run last in the future: the clock was put back."""
        ahead = [each for each in self.schedule.values() if each.last_run_at and each.last_run_at > each.default_now()]
        for entry in ahead:
            entry.last_run_at = entry.default_now()
        if ahead:
            logger.warning("The clock was put back; %s jobs count from now", len(ahead))
            self._heap = None  # it holds when each is due, by the clock of before
