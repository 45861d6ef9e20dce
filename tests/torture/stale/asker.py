"""`python -m tests.torture.stale.asker`: one process that asks about tokens at random; prints its counts.

It reads what it needs as JSON from standard input, and knows nothing of Django.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path
from random import Random

from tests.torture.doors import Answer, doors
from tests.torture.stale.board import Board, Phase
from tests.torture.stale.judging import WRONG, Sight, is_after_end, judge

REPORT_EVERY = 5
SHARES = {"verify": 4, "introspect": 3, "api": 1}  # about as much time for each: Django serves the last
LESS_URGENT = 5  # than the director, or ends would be rare on a machine that the askers fill


class Asker:
    """Counts `door/verdict`, `door/after end` and `down/away`."""

    def __init__(self, board: Board, number: int, seed: str, port: int, verifier: tuple[str, str]) -> None:
        self.board, self.number = board, number
        self.random = Random(seed)
        self.doors = doors(port, verifier)
        self.names, self.weights = zip(*SHARES.items(), strict=True)
        self.counts: Counter[str] = Counter()
        self.after_end = self.wrong = self.down = 0

    def run(self) -> None:
        while self.board.phase != Phase.OVER:
            for _ in range(REPORT_EVERY):
                self.ask_once()
            self.board.report(self.number, self.after_end, self.wrong, self.down)

    def ask_once(self) -> None:
        """Ask a door about a token, and judge the answer."""
        token, name = self.random.randrange(self.board.tokens), self.random.choices(self.names, self.weights)[0]
        secret = self.board.secret(token)
        before = Sight(self.board.phase, self.board.word(token))
        if self.board.secret(token) != secret:
            return  # it was being written
        answer = self.doors[name](secret)
        after = Sight(self.board.phase, self.board.word(token))
        self.count(name, before, after, answer)

    def count(self, name: str, before: Sight, after: Sight, answer: Answer) -> None:
        verdict = judge(before, after, answer)
        self.counts[f"{name}/{verdict}"] += 1
        self.wrong += verdict in WRONG
        if is_after_end(before) and answer != Answer.AWAY:
            self.after_end += 1
            self.counts[f"{name}/after end"] += 1
        if before.phase == after.phase == Phase.DOWN:
            self.down += 1
            self.counts["down/away"] += answer == Answer.AWAY


def main() -> None:
    os.nice(LESS_URGENT)
    given = json.load(sys.stdin)
    board = Board(Path(given["board"]), given["tokens"], given["askers"])
    number, verifier = given["number"], (given["verifier"][0], given["verifier"][1])
    asker = Asker(board, number, f"{given['seed']}/{number}", given["port"], verifier)
    asker.run()
    print(json.dumps(asker.counts))


if __name__ == "__main__":
    main()
