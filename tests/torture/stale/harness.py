"""The torture itself: eight askers and a director over a stage, through calm, without Redis, without PostgreSQL."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.torture.stage import Stage, stopped
from tests.torture.stale.board import Board, Phase
from tests.torture.stale.judging import WRONG
from tokenportal.embedded import REPOSITORY

PLANTED = "tests.torture.stale.planted:application"
ASKERS, TOKENS = 8, 24
GLANCE = 0.05  # seconds
PATIENCE = 180


@dataclass(frozen=True)
class Plan:
    """Rounds of so many seconds each, until so many checks began after an acknowledged end; None: one round.

    However slow the machine is, a calm lasts until there are `enough` of those checks, and PostgreSQL is away until
    there are `enough_away` while it is.
    """

    seed: int
    calm: float = 60.0
    without_redis: float = 60.0
    without_postgres: float = 5.0
    checks: int | None = None
    enough: int = 0
    enough_away: int = 0


@dataclass
class Result:
    """What came of it."""

    seed: int
    seconds: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)  # see `asker`

    def _sum(self, end: str) -> int:
        return sum(count for name, count in self.counts.items() if name.endswith(f"/{end}"))

    @property
    def checks(self) -> int:
        return sum(count for name, count in self.counts.items() if name.split("/")[1] not in ("after end", "away"))

    @property
    def after_end(self) -> int:
        """Checks that began after the end of their token was acknowledged, and were decided."""
        return self._sum("after end")

    @property
    def wrong(self) -> dict[str, int]:
        return {verdict.value: count for verdict in sorted(WRONG) if (count := self._sum(verdict))}

    @property
    def while_down(self) -> int:
        """Answers 503 to checks that began and ended while PostgreSQL was away."""
        return self.counts["down/away"]

    def __str__(self) -> str:
        ends = ", ".join(f"{count:,} {way}" for way, count in sorted(self.ends.items()))
        return (
            f"seed {self.seed}: {self.checks:,} checks in {self.seconds:.0f} s, {self.after_end:,} of them after an "
            f"acknowledged end ({ends}); {self.while_down:,} while PostgreSQL was away, each 503; "
            f"wrong: {self.wrong or 'none'}"
        )


def torture(stage: Stage, plan: Plan) -> Result:
    """Run the plan. Stops at the end of a phase in which an answer was wrong."""
    (stage.place / "board").unlink(missing_ok=True)
    board = Board(stage.place / "board", TOKENS, ASKERS)
    result, begun = Result(plan.seed), time.monotonic()
    with crew(stage, board, plan.seed) as processes:
        try:
            while go_round(stage, board, plan, processes):
                pass
        finally:
            board.phase = Phase.OVER
        for process in processes:
            lines = process.communicate(timeout=PATIENCE)[0].splitlines()
            counted = result.ends if process is processes[0] else result.counts
            counted.update(json.loads(lines[-1]) if lines else {})
    result.seconds = time.monotonic() - begun
    return result


def go_round(stage: Stage, board: Board, plan: Plan, processes: list[subprocess.Popen[str]]) -> bool:
    """One round; tells whether another is to follow."""

    def go_on(seconds: float, enough: int = 0) -> None:
        end = time.monotonic() + seconds
        while (time.monotonic() < end or board.counts[0] < enough) and not is_over(board, plan):
            assert all(process.poll() is None for process in processes), "a process of the torture ended by itself"
            assert time.monotonic() < end + 3 * PATIENCE, "hardly anybody asks"
            time.sleep(GLANCE)

    go_on(plan.calm, plan.enough)
    with stopped(stage.redis):
        go_on(plan.without_redis)
    without_postgres(stage, board, plan)
    go_on(plan.calm / 4)
    return plan.checks is not None and not is_over(board, plan)


def is_over(board: Board, plan: Plan) -> bool:
    after_end, wrong, _down = board.counts
    return plan.checks is not None and (after_end >= plan.checks or wrong > 0)


def without_postgres(stage: Stage, board: Board, plan: Plan) -> None:
    """Take PostgreSQL away for a while, and give it back. Tokens are left as they are meanwhile."""
    board.should_rest = True
    deadline = time.monotonic() + PATIENCE
    while not board.is_resting:
        assert time.monotonic() < deadline, "the director does not rest"
        time.sleep(GLANCE)
    board.phase = Phase.CHANGING
    with stopped(stage.postgres):
        board.phase = Phase.DOWN
        end, enough = time.monotonic() + plan.without_postgres, board.counts[2] + plan.enough_away
        while time.monotonic() < end or board.counts[2] < enough:
            assert time.monotonic() < end + PATIENCE, "nobody asks while PostgreSQL is away"
            time.sleep(GLANCE)
        board.phase = Phase.CHANGING
    board.phase = Phase.UP
    board.should_rest = False


@contextmanager
def crew(stage: Stage, board: Board, seed: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Have the director and then the askers running; none is left afterwards."""
    given = {"board": str(board.path), "tokens": TOKENS, "askers": ASKERS, "seed": seed, "port": stage.web.port}
    processes: list[subprocess.Popen[str]] = []
    try:
        director = start(stage, "tests.torture.stale.director", given)
        processes.append(director)
        assert director.stdout
        said = director.stdout.readline()
        assert said, (stage.place / "crew.log").read_text()
        for number in range(ASKERS):
            more = {"number": number, "verifier": json.loads(said)}
            processes.append(start(stage, "tests.torture.stale.asker", {**given, **more}))
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def start(stage: Stage, module: str, given: dict[str, object]) -> subprocess.Popen[str]:
    """Start one of the crew."""
    with (stage.place / "crew.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=REPOSITORY,
            env=stage.web.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdin
    with process.stdin as stdin:
        stdin.write(json.dumps(given))
    process.stdin = None
    return process
