"""`python -m tests.torture.restore`: the long form."""

import os
import secrets
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime

from tests.torture.restore.harness import Fault, Plan, torture
from tests.torture.stage import open_stage


def main() -> None:
    parser = ArgumentParser(description="Restore old backups, and look for a token that comes back to life.")
    parser.add_argument("--rounds", type=int, default=100, help="restores")
    parser.add_argument("--seed", type=int, default=None, help="of the order of things; chosen and printed otherwise")
    parser.add_argument("--planted", action="store_true", help="with a journal that is lost, to see that it is found")
    given = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    fault = Fault.NO_JOURNAL if given.planted else Fault.NONE
    with open_stage() as stage:
        result = torture(stage, Plan(seed, given.rounds, fault=fault), say=lambda text: print(text, file=sys.stderr))
    print(result)
    print("\nFor docs/reliability.md:")
    print(f"| restores | {datetime.now(tz=UTC).date()} | {result} |")
    sys.exit(bool(result.wrong))


if __name__ == "__main__":
    main()
