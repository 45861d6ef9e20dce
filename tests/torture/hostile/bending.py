"""`python -m tests.torture.hostile.bending`: the long form of `fuzzing`, each reader in its own process."""

import os
import random
import re
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tokenportal.embedded import REPOSITORY

# As in `targets`, which can be imported with Django only.
NAMES = ("token_string", "basic", "form_of_a_door", "body", "date")
PLANTED = "planted"
# Nobody is asked; that the settings name servers is enough.
NO_SERVERS = {"DATABASE_URL": "postgres://nowhere/portal", "REDIS_URL": "redis://nowhere", "DEBUG": "1"}


@dataclass(frozen=True)
class Bent:
    """What came of a target: how many runs until the end, and of it what was said last where it failed."""

    name: str
    runs: int
    reached: int  # branches of the readers
    failure: str


def bend(name: str, *, runs: int, seed: int) -> Bent:
    """Let atheris bend bytes for a target so many times, or until it fails."""
    with TemporaryDirectory() as place:
        done = subprocess.run(
            [sys.executable, "-m", "tests.torture.hostile.fuzzing", name, place, f"-runs={runs}", f"-seed={seed}"],
            cwd=REPOSITORY,
            env={**os.environ, **NO_SERVERS, "DJANGO_SETTINGS_MODULE": "tokenportal.settings"},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        kept = sorted(each.read_bytes() for each in Path(place).iterdir() if each.is_file())
    seen = re.findall(r"^#(\d+)\s+[A-Z]\w+\s+cov: (\d+)", done.stderr, re.MULTILINE)
    made, reached = map(int, seen[-1]) if seen else (0, 0)
    failure = f"{done.stdout[-2000:]}{done.stderr[-2000:]}\nthe bytes: {kept}" if done.returncode else ""
    return Bent(name, made, reached, failure)


def bend_all(names: Iterable[str], *, runs: int, seed: int) -> list[Bent]:
    """Each of them, as many at once as there are cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(partial(bend, runs=runs, seed=seed), names))


def main() -> None:
    parser = ArgumentParser(description="Bend the bytes that the readers of strangers' bytes get, by what they reach.")
    parser.add_argument("--runs", type=int, default=10_000_000, help="of each reader")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 10**6))
    given = parser.parse_args()
    found = bend_all((*NAMES, PLANTED), runs=given.runs, seed=given.seed)
    print("\nFor docs/reliability.md:")
    for each in found:
        came = f"{each.runs:,} runs, {each.reached} branches of the readers reached; wrong: {each.failure or 'none'}"
        print(f"| bytes of strangers, {each.name} | {datetime.now(tz=UTC).date()} | seed {given.seed}: {came} |")
    sys.exit(any(bool(each.failure) != (each.name == PLANTED) for each in found))


if __name__ == "__main__":
    main()
