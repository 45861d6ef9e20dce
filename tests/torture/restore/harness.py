"""Rounds of backup, endings and restore on a running portal; after each, every secret is asked for at three doors."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any

from tests.portal import find_answer
from tests.torture.doors import Answer, Ask, Line, doors
from tests.torture.restore.backups import KINDS, Restore, place_for
from tests.torture.restore.school import Fate, Kept, Register
from tests.torture.restore.ways import WAYS, Direct, Ending
from tests.torture.stage import Stage
from tokenportal.embedded import REPOSITORY

KEPT_BACKUPS = 3
OLDER = 10  # secrets of earlier times that are asked for as well
LEFT = 5  # so many tokens at least are let live
BY_COMMAND = 10  # every so many replays the command runs in a process of its own, which takes longer than all the rest
ASK_EVERY = 0.03  # seconds, while a backup is restored
PATIENCE = 60  # seconds for a server that was restored to be reached again


class Fault(StrEnum):
    """What is planted, for the harness to find."""

    NONE = ""
    NO_JOURNAL = "no journal"  # its directory is gone when the backup is restored


@dataclass(frozen=True)
class Plan:
    """So many rounds, in each of which so many tokens are made and as many are ended."""

    seed: int
    rounds: int
    tokens: int = 12
    fault: Fault = Fault.NONE


@dataclass
class Result:
    """What came of it. `wrong` says of which answers there were how many that nobody may get."""

    seed: int
    rounds: int = 0
    seconds: float = 0.0
    ways: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        ways = ", ".join(f"{count:,} {way}" for way, count in sorted(self.ways.items()))
        kinds = ", ".join(f"{count} from {kind}" for kind, count in sorted(self.kinds.items()))
        return (
            f"seed {self.seed}: {self.rounds} restores ({kinds}) in {self.seconds:.0f} s, after {self.ways.total():,} "
            f"endings ({ways}); {self.checks['meanwhile']:,} checks of ended tokens during restore and replay, "
            f"{self.checks['closed']:,} while the doors were closed, each 503, {self.checks['after']:,} afterwards; "
            f"resurrected: {(self.wrong.total() and dict(self.wrong)) or 'none'}"
        )


def torture(stage: Stage, plan: Plan, say: Callable[[str], None] = lambda _text: None) -> Result:
    """Run the plan, and say how far it is. Stops after a round with a wrong answer."""
    result, begun = Result(plan.seed), time.monotonic()
    with directing(stage) as direct:
        trial = Trial(stage, plan, result, direct)
        with closing(trial.line):
            while result.rounds < plan.rounds and not result.wrong:
                trial.go_round()
                result.rounds += 1
                say(f"{result.rounds} of {plan.rounds} restores, {time.monotonic() - begun:.0f} s")
    shutil.rmtree(stage.place / "backups")  # the next trial has its own
    result.seconds = time.monotonic() - begun
    return result


@contextmanager
def directing(stage: Stage) -> Iterator[Direct]:
    """Have the director running; gives a way to ask it."""
    with (stage.place / "director.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.restore.director"],
            cwd=REPOSITORY,
            env=stage.web.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdin
    assert process.stdout
    sends, hears = process.stdin, process.stdout

    def direct(verb: str, *given: Any) -> Any:
        sends.write(json.dumps([verb, *given]) + "\n")
        sends.flush()
        said = hears.readline()
        assert said, (stage.place / "director.log").read_text()
        return json.loads(said)

    try:
        yield direct
    finally:
        process.kill()
        process.communicate()


class Trial:
    """One school through its restores."""

    def __init__(self, stage: Stage, plan: Plan, result: Result, direct: Direct) -> None:
        self.stage, self.plan, self.result, self.direct = stage, plan, result, direct
        self.random = Random(plan.seed)
        self.register = Register()
        founded = direct("found")
        self.verifier = (founded["verifier"][0], founded["verifier"][1])
        self.line = Line(stage.web.port)
        self.doors = doors(stage.web.port, self.verifier, self.line)
        self.ending = Ending(self.register, direct, stage.web.port, founded["managing"])
        self.backups: list[tuple[int, str, Restore]] = []
        self.left: list[str] = []

    def go_round(self) -> None:
        """Make tokens, back up, make more and end some, restore some backup, look, replay, look again."""
        self._make(self.plan.tokens)
        self._end(self.plan.tokens // 4)
        self._back_up()
        self._make(self.plan.tokens // 4)
        self._end(self.plan.tokens)
        if self.plan.fault is Fault.NO_JOURNAL:
            shutil.rmtree(self.stage.place / "journal")
        with self._asking():
            self._restore()
            self._expect_closed()
            self._replay()
        self._expect_as_it_was()

    def _make(self, count: int) -> None:
        for each in self.direct("issue", count):
            self.register.add(**each)

    def _end(self, count: int) -> None:
        for _each in range(count):
            if len(self.register.living) < LEFT:
                return
            way = self._next_way()
            self.ending.end(self.random.choice(self.register.living), way, self.random)
            self.result.ways[way] += 1

    def _next_way(self) -> str:
        """Go through all ways in an order of chance, and through all of them again in another."""
        if not self.left:
            self.left = self.random.sample(WAYS, len(WAYS))
        return self.left.pop()

    def _back_up(self) -> None:
        kind = self.random.choice(sorted(KINDS))
        number = self.register.back_up()
        place = place_for(self.stage.postgres, self.stage.place, str(number))
        self.backups.append((number, kind, KINDS[kind](self.stage.postgres, place)))
        for old, _kind, _restore in self.backups[:-KEPT_BACKUPS]:
            gone = place_for(self.stage.postgres, self.stage.place, str(old))
            shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
        self.backups = self.backups[-KEPT_BACKUPS:]

    def _restore(self) -> None:
        """The last backup mostly, at times one before it: then those that came after it are of another future."""
        at = self.random.choice([-1, -1, -1, *range(-len(self.backups), 0)])
        number, kind, restore = self.backups[at]
        restore()
        self.register.restore(number)
        self.result.kinds[kind] += 1

    def _expect_closed(self) -> None:
        """Each secret, whatever became of it, gets 503 at each door."""
        self._reach()
        for kept in self._chosen():
            for name, ask in self.doors.items():
                answer = ask(kept.secret)
                self.result.checks["closed"] += 1
                if answer is not Answer.AWAY:
                    self.result.wrong[f"{name} open: {kept.fate} {kept.way}".strip()] += 1

    def _reach(self) -> None:
        """Wait until the web server has found the database that came back."""
        deadline = time.monotonic() + PATIENCE
        while find_answer(self.stage.web.port) != 200:
            assert time.monotonic() < deadline, (self.stage.place / "web.log").read_text()[-4000:]
            time.sleep(0.05)

    def _replay(self) -> None:
        """Run `manage.py replay_revocations`, at times as an operator does, else in the director's process."""
        said = self._command() if self.result.rounds % BY_COMMAND == 0 else self.direct("replay")
        if "The doors are open" not in said and self.plan.fault is Fault.NONE:
            self.result.wrong["nothing replayed"] += 1

    def _command(self) -> str:
        done = subprocess.run(
            [sys.executable, str(REPOSITORY / "manage.py"), "replay_revocations"],
            cwd=REPOSITORY,
            env=self.stage.web.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _expect_as_it_was(self) -> None:
        for kept in self._chosen():
            good = Answer.YES if kept.fate is Fate.LIVING else Answer.NO
            for name, ask in self.doors.items():
                answer = ask(kept.secret)
                self.result.checks["after"] += 1
                if answer is not good:
                    self.result.wrong[f"{name} says {answer}: {kept.fate} {kept.way}".strip()] += 1

    def _chosen(self) -> list[Kept]:
        """All that a backup which is still kept may bring back, and some of what is older."""
        oldest = self.backups[0][0]
        recent = [each for each in self.register.kept if each.touched_after >= oldest - 1]
        older = [each for each in self.register.kept if each.touched_after < oldest - 1]
        return recent + self.random.sample(older, min(OLDER, len(older)))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Ask for ended tokens all the time, in a thread of its own: no door may say yes to any."""
        dead, over = [each for each in self.register.dead if each.fate is Fate.ENDED], threading.Event()
        with closing(Line(self.stage.web.port)) as line:
            asks = doors(self.stage.web.port, self.verifier, line)
            thread = threading.Thread(target=self._ask_on, args=(dead, asks, over, Random(self.random.random())))
            thread.start()
            try:
                yield
            finally:
                over.set()
                thread.join()

    def _ask_on(self, dead: list[Kept], asks: dict[str, Ask], over: threading.Event, random: Random) -> None:
        while not over.is_set() and dead:
            kept, name = random.choice(dead), random.choice(sorted(asks))
            answer = asks[name](kept.secret)
            self.result.checks["meanwhile"] += 1
            if answer is Answer.YES:
                self.result.wrong[f"{name} meanwhile: {kept.way}"] += 1
            over.wait(ASK_EVERY)
