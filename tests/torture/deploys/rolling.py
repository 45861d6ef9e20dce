"""One server after the other is started anew under load, behind the shipped nginx; no visitor may notice."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploys.front import HOST, UPSTREAMS, Front, fronting
from tests.portal import free_port
from tests.torture.deploys.visiting import Visitor
from tests.web import Web

VISITORS = 6
KEY = "rolling:" + "cm9sbGluZyByb2xsaW5nIHJvbGxpbmcgcm9sbGluZyE="
PATIENCE = 600


@dataclass(frozen=True)
class Plan:
    """How often every server is started anew, and how many answers are waited for before each stop."""

    seed: int
    rounds: int = 1
    answers: int = 40
    is_put_aside: bool = True  # before it is stopped
    is_deaf: bool = False  # nginx asks no second server
    is_brutal: bool = False  # SIGKILL in place of SIGTERM


@dataclass
class Result:
    seed: int
    restarts: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        each = ", ".join(f"{count:,} {what}" for what, count in sorted(self.counts.items()))
        return (
            f"seed {self.seed}: {self.restarts} restarts of a server in {self.seconds:.0f} s under load, "
            f"{self.counts.total():,} requests answered ({each}); failed: {self.failed or 'none'}"
        )


def server(place: Path, name: str, database_url: str, redis_url: str) -> Web:
    """A web server as production runs it, behind a proxy that speaks TLS."""
    production = {
        "DEBUG": "0",
        "SECRET_KEY": "a key for one run of the tests, as long as one should be",
        "TOKEN_KEYS": KEY,
        "ALLOWED_HOSTS": HOST,
        "BEHIND_TLS_PROXY": "true",
        "TRUSTED_PROXIES": "1",
        "API_RATE": "1000000000/min",
        "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "tests.torture.deploys.settings",
        "TOKENPORTAL_DATA": str(place / name),
    }
    return Web(free_port(), database_url, redis_url, place / f"{name}.log", more=production)


@contextmanager
def deployment(
    place: Path, database_url: str, redis_url: str, *, is_deaf: bool = False
) -> Iterator[tuple[Front, list[Web]]]:
    """Two servers, which serve pages and doors alike, and nginx in front of them."""
    webs = [server(place, name, database_url, redis_url) for name in ("web1", "web2")]
    nginx = place / "nginx"
    nginx.mkdir()
    try:
        for web in webs:
            web.start()
        ports = dict(zip(UPSTREAMS, [webs[0].port, webs[1].port] * 2, strict=True))
        with fronting(nginx, ports, is_deaf=is_deaf) as front:
            yield front, webs
    finally:
        for web in webs:
            web.stop()


def roll(place: Path, database_url: str, redis_url: str, plan: Plan) -> Result:
    """Start every server anew, one by one, as often as planned; stops at the first failure."""
    result, begun = Result(plan.seed), time.monotonic()
    with deployment(place, database_url, redis_url, is_deaf=plan.is_deaf) as (front, webs):
        held = webs[0].ask_module("tests.torture.deploys.people", str(VISITORS))
        visitors = [
            Visitor(front.https, front.trust(), person, tuple(held["verifier"]), random.Random(f"{plan.seed}/{n}"))
            for n, person in enumerate(held["people"])
        ]
        with visiting(visitors):
            for web in webs * plan.rounds:
                await_answers(visitors, plan.answers)
                if any(visitor.failed for visitor in visitors):
                    break
                with front.put_aside(UPSTREAMS[webs.index(web)]) if plan.is_put_aside else nullcontext():
                    web.stop(is_brutal=plan.is_brutal)
                    web.start()
                result.restarts += 1
            await_answers(visitors, plan.answers)
    for visitor in visitors:
        result.counts += visitor.counts
        result.failed += visitor.failed
    result.seconds = time.monotonic() - begun
    return result


def await_answers(visitors: list[Visitor], more: int) -> None:
    """Wait until there are so many further answers, or a failure."""

    def count() -> int:
        return sum(visitor.counts.total() for visitor in visitors)

    enough, until = count() + more, time.monotonic() + PATIENCE
    while count() < enough and not any(visitor.failed for visitor in visitors):
        assert time.monotonic() < until, "hardly anybody is answered"
        time.sleep(0.02)


@contextmanager
def visiting(visitors: list[Visitor]) -> Iterator[None]:
    """Have all of them at it until the end of the block."""
    over = threading.Event()
    crew = [threading.Thread(target=_guarded(visitor, over)) for visitor in visitors]
    for one in crew:
        one.start()
    try:
        yield
    finally:
        over.set()
        for one in crew:
            one.join(PATIENCE)


def _guarded(visitor: Visitor, over: threading.Event) -> Callable[[], None]:
    def visit() -> None:
        try:
            visitor.visit_until(over)
        except BaseException as error:  # noqa: BLE001 - it is a failure like any other
            visitor.failed.append(repr(error))

    return visit
