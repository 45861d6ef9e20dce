"""Whether this process lives, and whether it can work: for the orchestrator, not for people."""

import time

import redis
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tokenportal.metrics.jobs import find_beat
from tokens import journal
from tokens.usage.noting import connect


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer as long as the process does. A database that is away is no reason to restart it."""
    return JsonResponse({"live": True})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Tell whether PostgreSQL and Redis answer, and may be believed, 503 if not; and when beat was last heard of.

    However long that is, the web process can work: no token lives longer because a job is late (rule R8), and to take
    every web process away for want of a worker would make an outage of a delay. `beat` is in seconds, null before its
    first time. `journal` says how the journal of endings fares: quarantined after a restore, late where it cannot be
    written, null without a database.
    """
    has_redis, beat = ask_redis()
    checks = {"database": is_database_there(), "redis": has_redis}
    fares = ask_journal() if checks["database"] else None
    is_ready = all(checks.values()) and fares in {"ok", "late"}
    told = {"ready": is_ready, **checks, "beat": beat, "journal": fares}
    return JsonResponse(told, status=200 if is_ready else 503)


def is_database_there() -> bool:
    """Ask the database for nothing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def ask_journal() -> str | None:
    """Return how the journal fares in one word; None where the database went away."""
    try:
        return journal.health().word
    except Error:
        return None


def ask_redis() -> tuple[bool, int | None]:
    """Return whether Redis is there and, from it, the seconds since beat's last sign of life."""
    try:
        with connect() as client:
            at = find_beat(client)
    except redis.RedisError:
        return False, None
    return True, None if at is None else max(0, round(time.time() - at))
