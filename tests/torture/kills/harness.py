"""The kills: clients at work in threads, and one process after the other killed beside them."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from random import Random
from typing import Any

from tests.torture.doors import Line, doors
from tests.torture.kills.calling import bearing, browsing
from tests.torture.kills.deeds import Deed
from tests.torture.kills.departments import Department
from tests.torture.kills.owed import count_mails, read_trail, wait_until_nothing
from tests.torture.kills.owners import Owner, PageOwner
from tests.torture.kills.stage import Stage
from tokenportal.embedded import REPOSITORY

OWNERS, PAGE_OWNERS, DEPARTMENTS = 4, 1, 1
SHARES = {"postgres": 4, "redis": 2, "web": 3, "worker": 2, "beat": 1}
PATIENCE, SAY_EVERY = 180.0, 25


@dataclass(frozen=True)
class Plan:
    """So many kills, of so many kinds; before each, `between` deeds have to be acknowledged, however slow that is."""

    seed: int
    kills: int = 20
    shares: dict[str, int] = field(default_factory=lambda: dict(SHARES))
    between: int = 8
    longest: float = 0.5  # seconds that it runs on after those, or is away
    minutes: float | None = None  # after which it ends before that


@dataclass
class Result:
    """What came of it."""

    seed: int
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    deeds: list[Deed] = field(default_factory=list)
    checks: int = 0
    mails: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        return sum(deed.is_acknowledged for deed in self.deeds)

    def __str__(self) -> str:
        kills = ", ".join(f"{count:,} {what}" for what, count in sorted(self.kills.items()))
        lost = sum(count for status, count in self.statuses.items() if status == 0 or status >= 500)
        return (
            f"seed {self.seed}: {sum(self.kills.values()):,} kills ({kills}) in {self.seconds:.0f} s; "
            f"{self.acknowledged:,} writes acknowledged, {lost:,} answers lost or 503; {self.checks:,} checks; "
            f"{self.mails:,} mails; wrong: {self.wrong[:5] or 'none'}"
        )


def torture(stage: Stage, plan: Plan, say: Callable[[str], None] = lambda _words: None) -> Result:
    """Run the plan; stops early where something is wrong, and does not wait then for what is owed."""
    result, begun = Result(plan.seed), time.monotonic()
    with ExitStack() as lines:
        with crew(stage, plan.seed, lines) as clients:
            kill_all(stage, plan, clients, result, say)
        for client in clients:
            _look_at_all(stage, client)
    for client in clients:
        result.wrong += client.told.wrong
        result.deeds += client.told.deeds
        result.checks += client.told.checks
        result.statuses += client.me.counts + client.admin.counts
    result.wrong += read_trail(stage, result.deeds)
    if not result.wrong:
        result.wrong += chain(wait_until_nothing(stage), count_mails(stage))
    result.mails, result.seconds = len(set(stage.mails)), time.monotonic() - begun
    return result


def kill_all(stage: Stage, plan: Plan, clients: list[Owner], result: Result, say: Callable[[str], None]) -> None:
    random, begun = Random(f"{plan.seed}/kills"), time.monotonic()
    names, shares = zip(*plan.shares.items(), strict=True)
    while (done := sum(result.kills.values())) < plan.kills:
        _wait_for_deeds(stage, clients, plan.between)
        if any(client.told.wrong for client in clients):
            return
        if plan.minutes is not None and time.monotonic() - begun > 60 * plan.minutes:
            return
        if done % SAY_EVERY == 0:
            say(f"{done} kills after {time.monotonic() - begun:.0f} s, {_acknowledged(clients):,} acknowledged")
        time.sleep(random.uniform(0, plan.longest))
        for name in {random.choices(names, shares)[0] for _ in range(random.choice([1, 1, 1, 2]))}:
            result.kills[stage.pieces[name].kill(random)] += 1
        time.sleep(random.uniform(0, plan.longest))
        for piece in stage.pieces.values():
            piece.revive()


def _wait_for_deeds(stage: Stage, clients: list[Owner], enough: int) -> None:
    """Let each kill meet a portal at work."""
    wanted, deadline = _acknowledged(clients) + enough, time.monotonic() + PATIENCE
    while _acknowledged(clients) < wanted and not any(client.told.wrong for client in clients):
        assert time.monotonic() < deadline, "nothing is acknowledged any more"
        stage.tend()
        time.sleep(0.05)


def _acknowledged(clients: list[Owner]) -> int:
    return sum(client.acknowledged for client in clients)


def _look_at_all(stage: Stage, client: Owner) -> None:
    """At the end every secret there ever was, and nobody is away any more."""
    stage.tend()
    client.is_insistent = True
    for held in client.held:
        client.check(held)
    for secret in client.told.dead:
        client.check_dead(secret)


@contextmanager
def crew(stage: Stage, seed: int, lines: ExitStack) -> Iterator[list[Owner]]:
    """Have the clients at work until the end of the block; what ends one of them ends the test."""
    over = threading.Event()
    clients = hire(stage, seed, over, lines)

    def work(client: Owner) -> None:
        try:
            client.run()
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told with what else is wrong
            client.told.wrong.append(f"a client broke down: {error!r}")

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield clients
    finally:
        over.set()
        deadline = time.monotonic() + PATIENCE
        while any(thread.is_alive() for thread in threads):
            assert time.monotonic() < deadline, "a client does not come to its end"
            stage.tend()
            time.sleep(0.05)


@dataclass(frozen=True)
class Staff:
    """Who `tests.torture.kills.school` has founded, as it says it."""

    admin: str  # the secret of a token that may do everything
    verifier: tuple[str, str]
    owners: list[dict[str, Any]]
    departments: list[dict[str, Any]]


def found(stage: Stage, *, owners: int, departments: int) -> Staff:
    """Found the school."""
    module = [sys.executable, "-m", "tests.torture.kills.school", str(owners), str(departments)]
    done = subprocess.run(
        module, cwd=REPOSITORY, env=stage.web.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Staff(**json.loads(done.stdout))


def hire(stage: Stage, seed: int, over: threading.Event, lines: ExitStack) -> list[Owner]:
    """A client for each of the school's people; their connections are closed with `lines`."""
    staff, port = found(stage, owners=OWNERS + PAGE_OWNERS, departments=DEPARTMENTS), stage.web.port
    clients: list[Owner] = []
    for who in staff.owners + staff.departments:
        name = f"{seed:06}-{len(clients)}"
        me, admin = browsing(port, f"{name}m", who), bearing(port, f"{name}a", staff.admin)
        line = Line(port)
        for each in (me, admin, line):
            lines.callback(each.close)
        ways = doors(port, (staff.verifier[0], staff.verifier[1]), line)
        common = (me, admin, who["user"], ways, Random(name), over.is_set)
        if "account" in who:
            ruler = browsing(port, f"{name}r", who["admin"])
            lines.callback(ruler.close)
            clients.append(Department(*common, account=who["account"], ruler=ruler))
        else:
            clients.append((Owner if len(clients) < OWNERS else PageOwner)(*common))
    return clients
