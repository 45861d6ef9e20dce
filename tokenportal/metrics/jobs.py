"""How the jobs fare, kept in Redis: they run in other processes, often on other machines, than those that are asked."""

import logging
import time
from collections.abc import Iterator
from typing import Any, cast

import redis
from celery import Task
from celery.signals import task_postrun, task_prerun
from celery.states import FAILURE, SUCCESS
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from tokens.usage.noting import LIST, connect

logger = logging.getLogger(__name__)
KEY, BEAT = "tokenportal:jobs", "tokenportal:beat"
QUEUE = "celery"  # the name of Celery's own list in Redis
_PREFIX = "tokenportal_job"
_Family = GaugeMetricFamily | CounterMetricFamily
_started: dict[str, float] = {}


@task_prerun.connect
def note_start(task_id: str, **_kwargs: Any) -> None:
    """Look at the clock."""
    _started[task_id] = time.monotonic()


@task_postrun.connect
def note_end(task_id: str, task: Task[Any, Any], state: str, **_kwargs: Any) -> None:
    """Keep how the run went. With Redis away that is lost, and the job is none the worse for it."""
    seconds = time.monotonic() - _started.pop(task_id, time.monotonic())
    try:
        keep(task.name.rpartition(".")[2], state, seconds, at=time.time())
    except redis.RedisError as error:
        logger.warning("How %s went could not be kept (%s)", task.name, error)


def keep(job: str, state: str, seconds: float, *, at: float) -> None:
    """Write one run of a job down. Raises redis.RedisError."""
    with connect() as client:
        if state == SUCCESS:
            client.hset(KEY, mapping={f"{job}:success": at, f"{job}:seconds": round(seconds, 3)})
        client.hincrby(KEY, f"{job}:failures", int(state == FAILURE))


def note_beat(*, at: float) -> None:
    """Write down when beat and a worker last were both there. Raises redis.RedisError."""
    with connect() as client:
        client.set(BEAT, at)


def find_beat(client: "redis.Redis") -> float | None:
    """Read when that was; None before the first time. Raises redis.RedisError."""
    at = cast("bytes | None", client.get(BEAT))
    return None if at is None else float(at)


class Jobs(Collector):
    """What Redis says at the moment of asking; of a Redis that is away, only that."""

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        try:
            with connect() as client:
                metrics = [*_of_jobs(client), *_of_queues(client)]
        except redis.RedisError:
            metrics = []
        yield GaugeMetricFamily("tokenportal_redis_up", "Whether Redis answers", value=bool(metrics))
        yield from metrics


def _of_jobs(client: "redis.Redis") -> list[Metric]:
    success = GaugeMetricFamily(
        f"{_PREFIX}_last_success_timestamp_seconds", "When a job last came to its end", labels=["job"]
    )
    seconds = GaugeMetricFamily(f"{_PREFIX}_duration_seconds", "How long that run took", labels=["job"])
    failures = CounterMetricFamily(f"{_PREFIX}_failures", "Runs that ended in an error", labels=["job"])
    families: dict[str, _Family] = {"success": success, "seconds": seconds, "failures": failures}
    kept = cast("dict[bytes, bytes]", client.hgetall(KEY))
    for field, value in sorted(kept.items()):
        job, _colon, what = field.decode().partition(":")
        families[what].add_metric([job], float(value))
    return list(families.values())


def _of_queues(client: "redis.Redis") -> Iterator[Metric]:
    waiting = GaugeMetricFamily("tokenportal_waiting", "What waits in Redis for a worker", labels=["what"])
    waiting.add_metric(["jobs"], client.llen(QUEUE))
    waiting.add_metric(["usage"], client.llen(LIST))
    yield waiting
    beat = find_beat(client)
    if beat is not None:
        yield GaugeMetricFamily("tokenportal_beat_timestamp_seconds", "When beat last came to a worker", value=beat)
