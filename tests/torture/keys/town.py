"""Two web servers that are taken out of service one by one, and the people whose tokens they are asked about."""

import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.portal import free_port
from tests.web import APPLICATION, Web
from tokens import secrets

PATIENCE = 600  # seconds: a full machine is no fault of the portal
ENOUGH = "1000000000/min"  # no throttle: few people ask all the time


class Standing(Enum):
    """How a secret stands. ENDED is written after the end was acknowledged, CHANGING before it is asked for."""

    GOOD = "good"
    CHANGING = "changing"
    ENDED = "ended"


class Sight(NamedTuple):
    """How a holder stands at one moment: whoever finds the same before and after knows that nothing happened."""

    version: int
    standing: Standing
    secret: str


@dataclass
class Holder:
    """Somebody with a token. Replaced at once, by one thread."""

    sight: Sight

    def stand(self, standing: Standing, secret: str | None = None) -> None:
        self.sight = Sight(self.sight.version + 1, standing, secret or self.sight.secret)


def forged(secret: str) -> str:
    """A string of the right shape and checksum, under the lookup id of a token, with a secret that nobody gave out."""
    body = f"{secret.rsplit('_', 1)[0]}_{secrets.generate().text.rsplit('_', 1)[1][: secrets.SECRET_LENGTH]}"
    return body + secrets.checksum(body)


@dataclass
class Street:
    """The web servers. What is asked of one ends before it leaves, as a balancer sees to it."""

    webs: list[Web]
    busy: dict[int, int] = field(default_factory=dict)
    away: set[int] = field(default_factory=set)
    moved: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def one(self, luck: random.Random) -> Iterator[int]:
        """Give the port of one that is in service."""
        with self.moved:
            assert self.moved.wait_for(self._open, PATIENCE)
            port = luck.choice(self._open())
            self.busy[port] = self.busy.get(port, 0) + 1
        try:
            yield port
        finally:
            with self.moved:
                self.busy[port] -= 1
                self.moved.notify_all()

    def _open(self) -> list[int]:
        return [web.port for web in self.webs if web.port not in self.away]

    def _is_idle(self, port: int) -> bool:
        return not self.busy.get(port)

    def give(self, environment: dict[str, str]) -> None:
        """Start each anew, one after the other, with this in its environment."""
        for web in self.webs:
            with self.moved:
                self.away.add(web.port)
                assert self.moved.wait_for(partial(self._is_idle, web.port), PATIENCE)
            web.stop()
            web.more.update(environment)
            web.start()
            with self.moved:
                self.away.remove(web.port)
                self.moved.notify_all()


@contextmanager
def servers(
    count: int, database_url: str, redis_url: str, place: Path, application: str = APPLICATION
) -> Iterator[list[Web]]:
    """Give so many web servers over one database, which do not run yet; none runs afterwards."""
    with ExitStack() as stack:
        made = []
        for number in range(count):
            more = {"API_RATE": ENOUGH, "TOKENPORTAL_DATA": str(place / str(number))}
            log = place / f"web{number}.log"
            # More threads than may ask Argon2id at once.
            made.append(Web(free_port(), database_url, redis_url, log, threads=4, application=application, more=more))
            stack.callback(made[-1].stop)
        yield made
