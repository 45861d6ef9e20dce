"""The uses of this process: noted in memory, handed to Redis within seconds. A request never waits for it."""

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import redis
from django.conf import settings

from tokens import metering
from tokens.usage.counting import DayUse, Key, Use, day_of

logger = logging.getLogger(__name__)
LIST = "tokenportal:usage"
FLUSH_SECONDS = 3.0
AT_ONCE = 250  # uses that are added up in one go: that takes a third of what adding up each by itself would
AT_A_TIME = 20  # tokens whose uses are written out before requests get their turn: half a millisecond
REST_SECONDS = 0.001
MOST_TOKENS = 50_000  # noted at once, per process; further ones are not counted until the next flush
MOST_WAITING = 5_000  # flushed buffers kept in Redis while no worker takes them; the oldest go first


class Buffer:
    """One daemon thread empties it; it starts with the first use, so that a process that forks has its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: deque[tuple[int, Use]] = deque()  # not added up yet; it needs no lock
        self._days: dict[Key, DayUse] = {}
        self._verifiers: dict[int, float] = {}
        self._thread: threading.Thread | None = None
        self._redis: redis.Redis | None = None
        self._is_away = False

    def note(self, token_id: int, use: Use) -> None:
        """Count one use."""
        self._uses.append((token_id, use))
        if len(self._uses) >= AT_ONCE:
            self._add_up()
        self._start_if_needed()

    def note_lacking(self, token_id: int, at: datetime, scopes: Iterable[str]) -> None:
        """Count the scopes that something asked of a token in vain; that is rare enough to wait for the lock."""
        with self._lock:
            day = self._day((token_id, day_of(at)))
            if day is not None:
                for scope in scopes:
                    day.lack(scope)
            self._start_if_needed()

    def note_verifier(self, verifier_id: int, at: datetime) -> None:
        """Remember that a verifier asked."""
        with self._lock:
            self._verifiers[verifier_id] = at.timestamp()
            self._start_if_needed()

    def flush(self) -> None:
        """Hand everything noted so far to Redis; drop it, and say so once, where Redis is away."""
        self._add_up()
        with self._lock:
            days, self._days = self._days, {}
            verifiers, self._verifiers = self._verifiers, {}
        metering.measure_buffer(len(days))
        if not days and not verifiers:
            return
        text = f'{{"days": [{", ".join(_written(days))}], "verifiers": {json.dumps(list(verifiers.items()))}}}'
        try:
            self._push(text)
        except redis.RedisError as error:
            if not self._is_away:
                logger.warning("Redis is away; uses of tokens are not counted until it is back (%s)", error)
            self._is_away = True
        else:
            self._is_away = False

    def __len__(self) -> int:
        self._add_up()
        return len(self._days)

    def _add_up(self) -> None:
        with self._lock:
            while self._uses:
                token_id, use = self._uses.popleft()
                day = self._day(use.key(token_id))
                if day is not None:
                    day.add(use)

    def _day(self, key: Key) -> DayUse | None:
        """What is counted of a token's day; None where there is no room for another one. The lock is held."""
        day = self._days.get(key)
        if day is None and len(self._days) < MOST_TOKENS:
            day = self._days[key] = DayUse()
        return day

    def _push(self, text: str) -> None:
        if self._redis is None:
            self._redis = connect()
        with self._redis.pipeline() as pipeline:
            pipeline.rpush(LIST, text)
            pipeline.ltrim(LIST, -MOST_WAITING, -1)
            pipeline.execute()

    def _start_if_needed(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        self._thread = threading.Thread(target=self._run, name="usage", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(FLUSH_SECONDS)
            try:
                self.flush()
            except Exception:
                logger.exception("Uses of tokens were not handed on")


def _written(days: Mapping[Key, DayUse]) -> Iterator[str]:
    """Each of them as JSON. In one go, a thousand would keep the interpreter from every request for some 25 ms."""
    for number, ((token_id, day), uses) in enumerate(days.items()):
        if number % AT_A_TIME == 0:
            time.sleep(REST_SECONDS)
        yield json.dumps([token_id, day, uses.as_dict()])


def connect() -> "redis.Redis":
    """A client that gives up within two seconds."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


buffer = Buffer()
