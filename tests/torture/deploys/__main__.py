"""`python -m tests.torture.deploys`: the long form."""

import os
import secrets
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.torture.deploys.rolling import Plan, roll, server
from tests.torture.stage import open_servers


def main() -> None:
    parser = ArgumentParser(description="Start one web server after the other anew, under load behind nginx.")
    parser.add_argument("--rounds", type=int, default=100, help="of one restart of each of two servers")
    parser.add_argument("--seed", type=int, default=None, help="of the order of things; chosen and printed otherwise")
    given = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    with TemporaryDirectory(prefix="tokenportal-deploys-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        place.chmod(0o755)
        with open_servers(place) as (postgres, redis):
            server(place, "migrate", postgres.url, redis.url).migrate()
            result = roll(place, postgres.url, redis.url, Plan(seed, rounds=given.rounds))
    print(result)
    print("\nFor docs/reliability.md:")
    print(f"| rolling restarts | {datetime.now(tz=UTC).date()} | {result} |")
    sys.exit(bool(result.failed))


if __name__ == "__main__":
    main()
