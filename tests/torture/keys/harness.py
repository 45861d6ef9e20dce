"""Keys are changed under load: a planned rotation step by step, then a ring that leaked and is thrown away at once."""

import base64
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import psycopg

from tests.torture.keys.asking import DOORS, FORM, Answer, Asker
from tests.torture.keys.town import PATIENCE, Holder, Sight, Standing, Street, forged
from tests.web import Web
from tokenportal.embedded import REPOSITORY

ASKERS = 4
PAUSE = 0.02  # seconds between two questions of one asker
STEPS = ("made known", "in front", "outgoing", "removed")
WRONG = ("refused", "accepted", "odd")


@dataclass(frozen=True)
class Plan:
    """How many holders, how many answers each step waits for, which steps before the ring leaks, and how often all.

    Without “made known” the servers know of the next key from the start.
    """

    seed: int
    holders: int = 40
    answers: int = 300
    steps: tuple[str, ...] = STEPS
    rounds: int = 1


@dataclass
class Result:
    """`counts` by step and verdict; “later” are answers 503, each of which became a yes or no when asked again."""

    seed: int
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: float = 0.0
    odd: list[str] = field(default_factory=list)  # what answered a rotation with anything else

    def sum(self, verdict: str, step: str | None = None) -> int:
        return sum(n for (where, what), n in self.counts.items() if what == verdict and step in (None, where))

    @property
    def wrong(self) -> dict[str, int]:
        return {verdict: found for verdict in WRONG if (found := self.sum(verdict))}

    @property
    def steps(self) -> list[str]:
        return list(dict.fromkeys(step for step, _verdict in self.counts))

    def __str__(self) -> str:
        later = ", ".join(f"{n} in “{step}”" for step in self.steps if (n := self.sum("later", step))) or "none"
        return (
            f"seed {self.seed}: {self.sum('right'):,} answers right in {self.seconds:.0f} s, {self.sum('open')} open, "
            f"{self.sum('rotated')} tokens rotated and {self.sum('ended')} ended meanwhile; "
            f"503 with Retry-After, each answered when asked again: {later}; "
            f"wrong: {self.wrong or 'none'}{''.join(self.odd[:3])}"
        )


def key(name: str, luck: random.Random) -> str:
    return f"{name}:{base64.b64encode(luck.randbytes(32)).decode()}"


class Rotation:
    """The askers, one who changes tokens, and the steps."""

    def __init__(self, street: Street, plan: Plan, held: dict[str, list[str]]) -> None:
        self.street, self.plan = street, plan
        self.holders = [Holder(Sight(0, Standing.GOOD, secret)) for secret in held["secrets"]]
        self.verifier = (held["verifier"][0], held["verifier"][1])
        self.result, self.step = Result(plan.seed), "before"
        self.over, self.lock = threading.Event(), threading.Lock()
        self.failures: list[BaseException] = []

    def count(self, verdict: str) -> None:
        with self.lock:
            self.result.counts[self.step, verdict] += 1

    def ask_on(self, number: int) -> None:
        luck, asker = random.Random(f"{self.plan.seed}/{number}"), Asker(self.verifier)
        with closing(asker):
            while not self.over.wait(PAUSE):
                self._ask_once(luck, asker)

    def _ask_once(self, luck: random.Random, asker: Asker) -> None:
        holder, door, is_forged = luck.choice(self.holders), luck.choice(DOORS), luck.random() < 0.25
        before = holder.sight
        secret = forged(before.secret) if is_forged else before.secret
        answer = self._decided(luck, asker, door, secret)
        if answer is not None:
            self.count(judge(before, holder.sight, answer, is_forged=is_forged))

    def _decided(self, luck: random.Random, asker: Asker, door: str, secret: str) -> Answer | None:
        """The answer, asked again as long as it is “later”; None where that does not end with the rotation."""
        until = time.monotonic() + PATIENCE
        while True:
            with self.street.one(luck) as port:
                answer = asker.ask(port, door, secret)
            if answer != Answer.LATER:
                return answer
            self.count("later")
            assert time.monotonic() < until, "asked again and again, and still not decided"
            if self.over.wait(1):  # what Retry-After says
                return None

    def change_on(self) -> None:
        """Rotate tokens, and end some: what is made under one ring is to be known under the next."""
        luck, asker = random.Random(f"{self.plan.seed}/changes"), Asker(self.verifier)
        with closing(asker):
            while not self.over.wait(0.15):
                holder = luck.choice(self.holders)
                if holder.sight.standing == Standing.GOOD:
                    good = sum(each.sight.standing == Standing.GOOD for each in self.holders)
                    is_end = good > self.plan.holders / 2 and luck.random() < 0.2
                    (self._end if is_end else self._rotate)(holder, luck, asker)

    def _end(self, holder: Holder, luck: random.Random, asker: Asker) -> None:
        holder.stand(Standing.CHANGING)
        code, _body = self._until_taken(luck, asker, "/oauth2/revoke", FORM, {"token": holder.sight.secret})
        if code == 200:
            holder.stand(Standing.ENDED)
            self.count("ended")

    def _rotate(self, holder: Holder, luck: random.Random, asker: Asker) -> None:
        holder.stand(Standing.CHANGING)
        headers = {"Authorization": f"Bearer {holder.sight.secret}", **FORM}
        code, body = self._until_taken(
            luck, asker, "/api/v1/tokens/self/rotate", headers, {"token[overlap_hours]": "0"}
        )
        if code == 200:
            holder.stand(Standing.GOOD, json.loads(body)["visible_token"])
            self.count("rotated")
        elif code:
            self.count("odd")
            self.result.odd.append(f"{code} {body[:200]!r}")

    def _until_taken(
        self, luck: random.Random, asker: Asker, path: str, headers: dict[str, str], form: dict[str, str]
    ) -> tuple[int, bytes]:
        """Send it until it is taken; (0, b"") where it is over before."""
        while True:
            with self.street.one(luck) as port:
                code, body, wait = asker.send(port, "POST", path, headers, form)
            if code not in (429, 503) or not wait:
                return code, body
            if self.over.wait(1):
                return 0, b""

    def go_to(self, step: str, environment: dict[str, str]) -> None:
        """Start the servers anew with other keys, and let them be asked enough; not if something is wrong already."""
        if self.result.wrong:
            return
        self.step = step
        self.street.give(environment)
        enough = self.result.sum("right", step) + self.plan.answers
        self.wait_for(lambda: self.result.sum("right", step) >= enough)

    def change_in_peace(self, ring: dict[str, str], old: str, new: str) -> None:
        """The planned way, from `old` to `new`."""
        both = f"{ring[new]},{ring[old]}"
        environments = {
            "made known": {"TOKEN_KEYS": f"{ring[old]},{ring[new]}"},
            "in front": {"TOKEN_KEYS": both},
            "outgoing": {"TOKEN_KEYS": both, "TOKEN_KEYS_OUTGOING": old},
            "removed": {"TOKEN_KEYS": ring[new], "TOKEN_KEYS_OUTGOING": ""},
        }
        for step in self.plan.steps:
            self.go_to(step, environments[step])
            if step == "outgoing":
                self.wait_for(lambda: is_free(self.street.webs[0], old))

    def throw_away(self, ring: dict[str, str], new: str) -> None:
        """The way in an emergency: the ring is gone, and a new key alone is there."""
        self.go_to("thrown away", {"TOKEN_KEYS": ring[new], "TOKEN_KEYS_OUTGOING": ""})
        self.wait_for(lambda: set(hanging(self.street.webs[0])) == {new})

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not is_so() and not self.failures and not self.result.wrong:
            assert time.monotonic() < until, f"{self.step}: {self.result}"
            time.sleep(0.05)

    @contextmanager
    def load(self) -> Iterator[None]:
        """Have everybody at work until the end of the block."""
        works: list[Callable[[], None]] = [*(lambda n=n: self.ask_on(n) for n in range(ASKERS)), self.change_on]
        crew = [threading.Thread(target=self._guarded, args=(work,)) for work in works]
        for one in crew:
            one.start()
        try:
            yield
        finally:
            self.over.set()
            for one in crew:
                one.join(PATIENCE)
        if self.failures:
            raise self.failures[0]

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised where it is seen
            self.failures.append(error)


def judge(before: Sight, after: Sight, answer: Answer, *, is_forged: bool) -> str:
    """What an answer is worth, given how the holder stood before the question and after the answer. Pure."""
    if answer not in (Answer.YES, Answer.NO):
        return "odd"
    if is_forged or before.standing == Standing.ENDED:
        return "accepted" if answer == Answer.YES else "right"
    if before.version != after.version or before.standing == Standing.CHANGING:
        return "open"
    return "right" if answer == Answer.YES else "refused"


def hanging(web: Web) -> dict[str, int]:
    """How many active tokens and services hang on each key, by the command."""
    command = [sys.executable, str(REPOSITORY / "manage.py"), "token_keys", "--json"]
    said = subprocess.check_output(command, cwd=REPOSITORY, env=web.environment, text=True)
    return {row["key_id"]: row["active"] + row["services"] for row in json.loads(said)}


def is_free(web: Web, name: str) -> bool:
    """Whether no active token is left on a key; the command, which takes a second to start, has the last word."""
    count = "SELECT count(*) FROM tokens_accesstoken WHERE state = 'active' AND tag_key = %s"
    with psycopg.connect(web.database_url) as connection:
        row = connection.execute(count, [name]).fetchone()
    return row == (0,) and hanging(web)[name] == 0


def rotate_keys(webs: list[Web], plan: Plan) -> Result:
    """Go through all steps; stops where an answer is wrong. The servers do not run yet."""
    luck, begun = random.Random(plan.seed), time.monotonic()
    names = [f"key{number}" for number in range(2 * plan.rounds + 1)]
    ring = {name: key(name, luck) for name in names}
    known = ring["key0"] if "made known" in plan.steps else f"{ring['key0']},{ring['key1']}"
    webs[0].more["TOKEN_KEYS"] = known
    rotation = Rotation(Street(webs), plan, webs[0].ask_module("tests.torture.keys.holders", str(plan.holders)))
    rotation.street.give({"TOKEN_KEYS": known})
    with rotation.load():
        for first, second, third in zip(names[0::2], names[1::2], names[2::2], strict=False):
            rotation.change_in_peace(ring, first, second)
            rotation.throw_away(ring, third)
    rotation.result.seconds = time.monotonic() - begun
    return rotation.result
