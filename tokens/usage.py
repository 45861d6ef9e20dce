"""Uses of tokens: noted in memory, handed to Redis within seconds, rolled up into the rows by a job.

A request never waits for this and never fails by it: with Redis away the counts of that time are dropped, and that
is said once in the log.
"""

import json
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import redis
from django.conf import settings
from django.db import connection

logger = logging.getLogger(__name__)
KEY = "tokenportal:usage"
FLUSH_SECONDS = 3.0
MOST_TOKENS = 50_000  # noted in memory at once, per process


@dataclass(slots=True)
class Use:
    """What happened to one token since the last flush; the latest address and agent."""

    count: int
    at: float
    address: str | None
    agent: str


class Buffer:
    """The uses of this process. One daemon thread empties it; it starts with the first use (after any fork)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[int, Use] = {}
        self._thread: threading.Thread | None = None
        self._is_away = False

    def note(self, token_id: int, *, at: datetime, address: str | None, agent: str) -> None:
        with self._lock:
            use = self._uses.get(token_id)
            if use is None:
                if len(self._uses) >= MOST_TOKENS:
                    return
                self._uses[token_id] = Use(1, at.timestamp(), address, agent)
            else:
                use.count, use.at, use.address, use.agent = use.count + 1, at.timestamp(), address, agent
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="usage", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Hand everything noted so far to Redis, or drop it where Redis is away."""
        with self._lock:
            uses, self._uses = self._uses, {}
        if not uses:
            return
        rows = [(token_id, use.count, use.at, use.address, use.agent) for token_id, use in uses.items()]
        try:
            _redis().rpush(KEY, json.dumps(rows))
        except redis.RedisError as error:
            if not self._is_away:
                logger.warning("Redis is away; uses of tokens are not counted until it is back (%s)", error)
            self._is_away = True
        else:
            self._is_away = False

    def _run(self) -> None:
        while True:
            time.sleep(FLUSH_SECONDS)
            self.flush()


buffer = Buffer()
note = buffer.note


def _redis() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def roll_up(*, most: int = 1000) -> int:
    """Write up to `most` flushed buffers into the token rows; return how many tokens were touched.

    The time of last use only moves forward, whatever order the buffers come in.
    """
    uses: dict[int, Use] = {}
    for text in cast("list[bytes]", _redis().lpop(KEY, most) or []):
        for token_id, count, at, address, agent in json.loads(text):
            _merge(uses, token_id, Use(count, at, address, agent))
    write(uses)
    return len(uses)


def _merge(uses: dict[int, Use], token_id: int, use: Use) -> None:
    known = uses.setdefault(token_id, Use(0, 0.0, None, ""))
    known.count += use.count
    if use.at > known.at:
        known.at, known.address, known.agent = use.at, use.address, use.agent


def write(uses: Mapping[int, Use]) -> None:
    """Add what was counted to the token rows, by token id."""
    if not uses:
        return
    rows = [
        (pk, use.count, datetime.fromtimestamp(use.at, UTC), use.address, use.agent[:255]) for pk, use in uses.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH used AS (
                SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::inet[], %s::text[])
                    AS used(id, count, at, address, agent)
            ), locked AS (
                SELECT t.id FROM tokens_accesstoken t JOIN used USING (id) ORDER BY t.id FOR NO KEY UPDATE OF t
            )
            UPDATE tokens_accesstoken t SET
                use_count = t.use_count + used.count,
                last_used_at = GREATEST(t.last_used_at, used.at),
                last_used_ip = CASE WHEN t.last_used_at > used.at THEN t.last_used_ip ELSE used.address END,
                last_used_agent = CASE WHEN t.last_used_at > used.at THEN t.last_used_agent ELSE used.agent END
            FROM used JOIN locked USING (id) WHERE t.id = used.id
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )
