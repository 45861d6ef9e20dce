"""`python -m tests.torture.kills`: the long form."""

import os
import secrets
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime

from tests.torture.kills.harness import Plan, torture
from tests.torture.kills.stage import open_stage


def main() -> None:
    parser = ArgumentParser(description="Look for an acknowledged write that is lost when something is killed.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=None, help="after which it ends, however many those were")
    parser.add_argument("--seed", type=int, default=None, help="of the order of things; chosen and printed otherwise")
    given = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    with open_stage() as stage:
        result = torture(stage, Plan(seed, kills=given.kills, minutes=given.minutes), say=print)
    print(result)
    print("\nFor docs/reliability.md:")
    print(f"| kills | {datetime.now(tz=UTC).date()} | {result} |")
    for wrong in result.wrong:
        print(f"WRONG: {wrong}")
    sys.exit(bool(result.wrong))


if __name__ == "__main__":
    main()
