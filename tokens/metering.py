"""What the web processes count of themselves for Prometheus; nothing at all without METRICS_TOKEN.

Several workers serve one address, and any of them may be asked: `tokenportal.metrics.sharing` has them write into files
of one directory, and `tokenportal.metrics.views` adds those up. Every metric has a label, so that a process that never
answers a request (a job, a command) writes no file. One answer of a door costs some five microseconds here.
"""

from django.conf import settings
from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)
BUFFER = "tokens"

_checks = Counter("tokenportal_checks", "Tokens that were checked, by door and outcome", ["door", "outcome"])
_answers = Histogram("tokenportal_answer_seconds", "Time to answer", ["door", "status"], buckets=SECONDS)
_noted = Gauge(
    "tokenportal_usage_buffer",
    "Tokens whose uses were in memory when they were last handed to Redis, all workers together",
    ["kind"],
    multiprocess_mode="livesum",
)


def count_check(door: str, outcome: str) -> None:
    """Count one token that was looked at."""
    if settings.METRICS_TOKEN:
        _checks.labels(door, outcome).inc()


def time_answer(door: str, status: int, seconds: float) -> None:
    """Note how long an answer took, and what it was."""
    if settings.METRICS_TOKEN:
        _answers.labels(door, status).observe(seconds)


def measure_buffer(length: int) -> None:
    """Note how much the buffer of uses held."""
    if settings.METRICS_TOKEN:
        _noted.labels(BUFFER).set(length)
