"""The limit below the web server: one psycopg process that reads what a check reads, and does nothing with it."""

import time
from dataclasses import dataclass
from itertools import cycle
from statistics import quantiles

import psycopg

from tests.bench.load import Sample

STATEMENT = "SELECT * FROM tokens_accesstoken t JOIN accounts_user u ON u.id = t.user_id WHERE t.lookup_id = %s"


@dataclass(frozen=True)
class Select:
    """One prepared statement after the other over one connection, as `pgbench -M prepared -c 1` does."""

    name: str
    database_url: str
    lookup_ids: tuple[str, ...]

    def measure(self, seconds: float) -> Sample:
        """Ask for so many seconds."""
        times = []
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.cursor(binary=True)
            begun = last = time.perf_counter()
            for lookup_id in cycle(self.lookup_ids):
                cursor.execute(STATEMENT, [lookup_id], prepare=True).fetchone()
                now = time.perf_counter()
                times.append(now - last)
                last = now
                if now - begun > seconds:
                    break
        cuts = quantiles(times, n=100)
        return Sample(len(times) / (last - begun), cuts[49] * 1000, cuts[98] * 1000)
