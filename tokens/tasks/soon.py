"""Queueing a job at once, for what was committed a moment ago: sooner than beat would, and never in its way.

Each of these jobs is run by beat as well, so that a Redis that is away costs nothing but time. Celery would raise then,
and wait without an end for one that hangs; the act is done, whatever becomes of this.
"""

import logging
import threading
from typing import Any

from celery import Task

logger = logging.getLogger(__name__)
PATIENCE = 1.0  # seconds that whoever acted waits for Redis


class Queue:
    """Hands jobs to Celery in a thread of its own; while one is stuck with a Redis that hangs, nobody waits again."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._stuck: threading.Thread | None = None

    def put(self, task: Task[Any, Any]) -> None:
        """Queue a job. Raises nothing."""
        if self._stuck is not None and self._stuck.is_alive():
            logger.warning("Redis hangs; %s waits for beat", task.name)
            return
        thread = threading.Thread(target=_queue, args=(task,), name="queueing", daemon=True)
        thread.start()
        thread.join(self._patience)
        self._stuck = thread if thread.is_alive() else None
        if self._stuck is not None:
            logger.warning("Redis does not answer; %s waits for it, or for beat", task.name)


def _queue(task: Task[Any, Any]) -> None:
    try:
        task.apply_async(retry=False)
    except Exception as error:  # noqa: BLE001  # whatever a broker has to say of itself
        logger.warning("Redis is away; %s waits for beat (%s)", task.name, error)


soon = Queue().put
