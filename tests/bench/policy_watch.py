"""Following a change while a worker carries it out: how far it is, and the memory that takes; killing it on the way."""

import random
import time
from dataclasses import dataclass, field
from typing import Any

import psutil
import psycopg

from tests.bench.policy_stage import PolicyStage, Worker

GLANCE = 0.2  # seconds
PATIENCE = 900.0  # seconds
_CHANGE = """
    SELECT stage, shortened, extract(epoch FROM clock_timestamp() - made_at)::float
    FROM policies_plannedchange WHERE id = %s
"""
# Lines and notices are compared by their number and by how many tokens and people they are about: nothing came twice.
_FOUND = """
    SELECT (SELECT array[count(*), count(DISTINCT subject_id)] FROM accounts_auditevent WHERE action = 'token.clamp'),
        (SELECT array[count(*), count(DISTINCT person_id)] FROM tokens_notice WHERE event = 'token.clamp'),
        (SELECT count(DISTINCT person_id) FROM accounts_auditevent WHERE action = 'token.clamp'),
        (SELECT count(*) FROM tokens_accesstoken t JOIN accounts_auditevent e
            ON e.subject_id = t.id AND e.action = 'token.clamp'
            WHERE t.expires_at > latest
                OR date_trunc('milliseconds', t.expires_at) IS DISTINCT FROM (e.after ->> 'expires_at')::timestamptz),
        (SELECT max(number) FROM (
            SELECT count(*) AS number FROM tokens_accesstoken t JOIN accounts_auditevent e
            ON e.subject_id = t.id AND e.action = 'token.clamp' GROUP BY t.expires_at::date
        ) AS day)
    FROM (
        SELECT applied_at + make_interval(days => (values ->> 'student_cap_days')::int) AS latest
        FROM policies_plannedchange WHERE id = %s
    ) AS change
"""


@dataclass
class Course:
    """What was seen: seconds from saving to the end, and the worker's memory in MiB at each glance while it worked."""

    seconds: float = 0.0
    memory: list[float] = field(default_factory=list)
    kills: int = 0

    @property
    def growth(self) -> float:
        """By how many MiB it took more in the second half; what is loaded or kept for good is there after the first."""
        half = len(self.memory) // 2
        return max(self.memory[half:], default=0.0) - max(self.memory[:half], default=0.0) if half else 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in the database afterwards."""

    lines: int
    tokens: int  # with a line
    notices: int
    told: int  # people with a notice
    owners: int  # of tokens with a line
    wrong_ends: int  # later than the limit, or another than the line says
    largest_day: int


def follow(stage: PolicyStage, change_id: int, *, kills: int, seed: int) -> Course:
    """Wait for the end; kill the worker so many times at random moments, and start it again. Raises TimeoutError."""
    rng, course, deadline = random.Random(seed), Course(), time.monotonic() + PATIENCE
    until = time.monotonic() + rng.uniform(0, 5)
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row: Any = connection.execute(_CHANGE, [change_id]).fetchone()
            if row[0] == "applied":
                course.seconds = row[2]
                return course
            if row[1]:
                course.memory.append(memory_of(stage.worker))
            if course.kills < kills and time.monotonic() > until:
                stage.worker.kill()
                stage.worker.start()
                course.kills += 1
                until = time.monotonic() + rng.uniform(2, 15)  # beat sends the job again every ten seconds
            time.sleep(GLANCE)
    raise TimeoutError(f"Change {change_id} is still being applied: {row}")


def memory_of(worker: Worker) -> float:
    """The memory of all its processes, in MiB."""
    total = 0
    for process in psutil.Process(worker.process.pid).children(recursive=True):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20


def found(stage: PolicyStage, change_id: int) -> Found:
    """Count."""
    with psycopg.connect(stage.database_url) as connection:
        row: Any = connection.execute(_FOUND, [change_id]).fetchone()
    [lines, tokens], [notices, told], owners, wrong_ends, largest_day = row
    return Found(lines, tokens, notices, told, owners, wrong_ends, largest_day or 0)
