"""`python -m tests.torture.stale`: the long form."""

import os
import secrets
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime

from tests.torture.stage import open_stage
from tests.torture.stale.harness import PLANTED, Plan, torture
from tests.web import APPLICATION


def main() -> None:
    parser = ArgumentParser(description="Look for a token that is accepted after its end was acknowledged.")
    parser.add_argument("--checks", type=int, default=1_000_000, help="that begin after an acknowledged end")
    parser.add_argument("--seed", type=int, default=None, help="of the order of things; chosen and printed otherwise")
    parser.add_argument("--planted", action="store_true", help="with a 50 ms cache, to see that it is found")
    given = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    with open_stage(PLANTED if given.planted else APPLICATION) as stage:
        result = torture(stage, Plan(seed, checks=given.checks))
    print(result)
    today = datetime.now(tz=UTC).date()
    print("\nFor docs/reliability.md:")
    print(f"| stale accepts | {today} | {result} |")
    sys.exit(bool(result.wrong))


if __name__ == "__main__":
    main()
