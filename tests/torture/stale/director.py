"""`python -m tests.torture.stale.director`: the one process that ends tokens at random, and lets them begin again.

Standard input is as the askers'. It says on one line who may introspect, and on another, when it is over, its counts.
"""

import heapq
import json
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from random import Random

import django
from django.conf import settings

django.setup()
settings.TOKEN_ARGON2 = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}  # never asked here, and made thousandfold

from django.db import close_old_connections, connection  # noqa: E402  # its models can be imported only now
from django.utils import timezone  # noqa: E402

from accounts.models import Account, Course, User  # noqa: E402
from accounts.roles import Base  # noqa: E402
from tests.cast import enroll, person, role, token  # noqa: E402
from tests.torture.ends import WAYS, Held  # noqa: E402
from tests.torture.stale.board import Board, Phase, Standing, standing_of  # noqa: E402
from tokens import verifiers  # noqa: E402

SHORTEST, LONGEST = 0.1, 0.6  # seconds that a token stays as it is


class Director:
    """Keeps the hour at which each token changes next."""

    def __init__(self, board: Board, seed: str) -> None:
        self.board, self.random = board, Random(seed)
        self.counts: Counter[str] = Counter()
        self.hours: list[tuple[float, int]] = []
        self.ways: dict[int, str] = {}
        self.ending: dict[int, datetime] = {}
        self.left: list[str] = []

    def found(self) -> tuple[str, str]:
        """Found the school; return the credentials of a verifier."""
        now = timezone.now()
        self.root = Account.objects.root()
        admin = person("torture-admin")
        enroll(admin, role(Base.ADMIN))
        self.held = [self._hold(number, admin) for number in range(self.board.tokens)]
        verifier = verifiers.register("Torture", owner=admin, actor=admin, now=now)
        return verifier.verifier.lookup_id, verifier.secret

    def _hold(self, number: int, admin: User) -> Held:
        owner = person(f"torture-{number}")
        enroll(owner, role(Base.TEACHER))
        course = Course.objects.create(code=f"torture-{number}", name="Torture", account=self.root)
        enroll(owner, role(Base.STUDENT), course=course)
        made = token(owner, days=None, now=timezone.now())
        self.board.give_secret(number, made.secret)
        self.board.stand(number, Standing.GOOD)
        self._again(number)
        return Held(owner, admin, course, made.token, made.secret)

    def run(self) -> None:
        while self.board.phase != Phase.OVER:
            if self.board.should_rest:
                self._rest()
            at, number = self.hours[0]
            time.sleep(max(0.0, min(at - time.monotonic(), 0.05)))
            if at <= time.monotonic():
                heapq.heappop(self.hours)
                self._change(number)

    def _rest(self) -> None:
        """Touch nothing, until the servers are there again."""
        self.board.is_resting = True
        while self.board.should_rest and self.board.phase != Phase.OVER:
            time.sleep(0.02)
        self.board.is_resting = False
        connection.close()
        close_old_connections()

    def _again(self, number: int, seconds: float | None = None) -> None:
        wait = self.random.uniform(SHORTEST, LONGEST) if seconds is None else seconds
        heapq.heappush(self.hours, (time.monotonic() + wait, number))

    def _change(self, number: int) -> None:
        """Take a token one step further: good, ending by the clock, ended, good."""
        if number in self.ending:
            self._expire(number)
        elif standing_of(self.board.word(number)) == Standing.GOOD:
            self._end(number)
        else:
            self._begin(number)

    def _end(self, number: int) -> None:
        way = self.ways[number] = self._next_way()
        self.board.stand(number, Standing.CHANGING)
        until = WAYS[way][0](self.held[number])
        if until is None:
            self._ended(number)
        else:
            self.ending[number] = until
            self._again(number, 0.05)

    def _next_way(self) -> str:
        """Go through all ways in an order of chance, and through all of them again in another."""
        if not self.left:
            self.left = self.random.sample(sorted(WAYS), len(WAYS))
        return self.left.pop()

    def _expire(self, number: int) -> None:
        """Nobody acknowledges that a moment has passed but the clock."""
        if timezone.now() < self.ending[number]:
            self._again(number, 0.02)
            return
        del self.ending[number]
        self._ended(number)

    def _ended(self, number: int) -> None:
        self.board.stand(number, Standing.ENDED)
        self.counts[self.ways[number]] += 1
        self._again(number)

    def _begin(self, number: int) -> None:
        held = self.held[number]
        self.board.stand(number, Standing.CHANGING)
        WAYS[self.ways[number]][1](held)
        self.board.give_secret(number, held.secret)
        self.board.stand(number, Standing.GOOD)
        self._again(number)


def main() -> None:
    given = json.load(sys.stdin)
    director = Director(Board(Path(given["board"]), given["tokens"], given["askers"]), f"{given['seed']}/director")
    print(json.dumps(director.found()), flush=True)
    director.run()
    print(json.dumps(director.counts), flush=True)


if __name__ == "__main__":
    main()
