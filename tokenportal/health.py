"""Whether this process lives, and whether it can work: for the orchestrator, not for people."""

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

REDIS_SECONDS = 2


@never_cache
@require_safe
def livez(_request: HttpRequest) -> JsonResponse:
    """Answer as long as the process does. A database that is away is no reason to restart it."""
    return JsonResponse({"live": True})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Tell whether PostgreSQL and Redis answer; 503 if one does not."""
    checks = {"database": is_database_there(), "redis": is_redis_there()}
    return JsonResponse({"ready": all(checks.values()), **checks}, status=200 if all(checks.values()) else 503)


def is_database_there() -> bool:
    """Ask the database for nothing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def is_redis_there() -> bool:
    """Ping Redis, on a connection of its own with a short patience."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
