"""Runs trials of a race on two lanes, so that their transactions overlap for sure, or as chance will have it.

For sure: one act is held before one of its statements, with its transaction open, until the other one is done or is
seen waiting for a lock in PostgreSQL; half of the time that one is held too, and lets the first go before it. By
chance: both start at a barrier, and one waits some microseconds more. Then the race judges database and answers.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from tests.torture.races.lane import PATIENCE, Act, Lane, Run

SLOWEST_START = 0.003  # seconds
MOST_VIOLATIONS = 3
Judge = Callable[[Run, Run], str]
# Who is held, before which of their statements, and before which the other one is held too (0: before none).
Place = tuple[int, int, int]


class Trial(NamedTuple):
    """Two acts, and who says what is wrong with what came of them; nothing where nothing is."""

    one: Act
    other: Act
    judge: Judge


@dataclass(frozen=True)
class Race:
    """What must never happen, whichever of two acts is ahead. `set_up` makes the next trial."""

    name: str
    claim: str
    set_up: Callable[[], Trial]


@dataclass
class Result:
    """What came of the trials of a race."""

    trials: int = 0
    overlapped: int = 0
    waited: int = 0  # in which one was seen waiting for a lock that the other had
    answers: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        return {**vars(self), "answers": dict(self.answers.most_common())}


class Track:
    """Two lanes, and chance."""

    def __init__(self, one: Lane, other: Lane, rng: random.Random) -> None:
        self._lanes, self._rng = (one, other), rng

    def run(self, race: Race, trials: int) -> Result:
        """Let both run freely once, hold each at each of its statements once, then go on as chance will have it."""
        result, counts, places = Result(), [0, 0], set[Place]()
        while result.trials < trials and len(result.violations) < MOST_VIOLATIONS:
            trial = race.set_up()
            runs = self._try(trial, self._next_place(counts, places), result)
            counts[:] = [max(known, run.statements) for known, run in zip(counts, runs, strict=True)]
            self._judge(trial, runs, result)
        return result

    def _next_place(self, counts: list[int], known: set[Place]) -> Place | None:
        """Where to hold whom; None where both are to run freely."""
        new = {(who, number, 0) for who in (0, 1) for number in range(2, counts[who] + 1)} - known
        place = self._rng.choice(sorted(new)) if new else self._some_place(counts)
        known |= {place} if place else set()
        return place

    def _some_place(self, counts: list[int]) -> Place | None:
        who = self._rng.choice([each for each in (0, 1) if counts[each] > 1] + [2])
        if who == 2:
            return None
        other = self._rng.randint(1, max(1, counts[1 - who]))
        return who, self._rng.randint(2, counts[who]), self._rng.choice((0, other))

    def _try(self, trial: Trial, place: Place | None, result: Result) -> tuple[Run, Run]:
        result.trials += 1
        acts = trial.one, trial.other
        if place is None:
            return self._run_freely(acts, result)
        who, held_at, other_at = place
        held = self._lanes[who].start(Run(acts[who], held_at))
        _wait(held.arrived)
        result.overlapped += held.is_held
        other = self._lanes[1 - who].start(Run(acts[1 - who], other_at))
        result.waited += self._until_arrived_or_waiting(other, self._lanes[1 - who])
        held.go.set()
        if not other.arrived.is_set() or other.is_held:
            result.waited += self._until_arrived_or_waiting(held, self._lanes[who], done=True)
        other.go.set()
        for run in (held, other):
            _wait(run.done)
        return (held, other) if who == 0 else (other, held)

    def _run_freely(self, acts: tuple[Act, Act], result: Result) -> tuple[Run, Run]:
        barrier = threading.Barrier(2)

        def starter(seconds: float) -> Callable[[], None]:
            def start() -> None:
                barrier.wait(PATIENCE)
                time.sleep(seconds)

            return start

        delays = (0.0, self._rng.uniform(0, SLOWEST_START))
        runs = [
            lane.start(Run(act, wait_before=starter(delay)))
            for lane, act, delay in zip(self._lanes, acts, self._rng.sample(delays, 2), strict=True)
        ]
        for run in runs:
            _wait(run.done)
        one, other = runs
        result.overlapped += one.overlaps(other)
        return one, other

    def _until_arrived_or_waiting(self, run: Run, lane: Lane, *, done: bool = False) -> bool:
        """Wait until a run has come as far as it can; True if that is a lock that another has."""
        event, deadline = run.done if done else run.arrived, time.monotonic() + PATIENCE
        while not event.wait(0.001):
            with connection.cursor() as cursor:
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [lane.pid])
                [is_waiting] = cursor.fetchone()
            if is_waiting:
                return True
            assert time.monotonic() < deadline, "neither done nor waiting"
        return False

    def _judge(self, trial: Trial, runs: tuple[Run, Run], result: Result) -> None:
        one, other = runs
        result.answers[f"{_said(one)} / {_said(other)}"] += 1
        wrong = "; ".join(run.error for run in runs if run.error) or trial.judge(one, other)
        if wrong:
            result.violations.append(f"trial {result.trials} ({_said(one)} / {_said(other)}): {wrong}")


def _said(run: Run) -> str:
    return "error" if run.error else run.refused or "done"


def _wait(event: threading.Event) -> None:
    assert event.wait(PATIENCE), "an act has come to no end"


@contextmanager
def two_lanes(seed: int) -> Iterator[Track]:
    """Have a track until the end of the block."""
    with Lane() as one, Lane() as other:
        yield Track(one, other, random.Random(seed))
