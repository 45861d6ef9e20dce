"""`python -m tests.torture.keys`: the long form."""

import os
import secrets
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.torture.keys.harness import Plan, rotate_keys
from tests.torture.keys.town import servers
from tests.torture.stage import open_servers


def main() -> None:
    parser = ArgumentParser(description="Change keys under load, in peace and in a hurry.")
    parser.add_argument("--rounds", type=int, default=20, help="of four planned steps and one emergency")
    parser.add_argument("--seed", type=int, default=None, help="of the order of things; chosen and printed otherwise")
    given = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    with TemporaryDirectory(prefix="tokenportal-keys-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        place.chmod(0o755)
        with open_servers(place) as (postgres, redis), servers(2, postgres.url, redis.url, place) as webs:
            webs[0].migrate()
            result = rotate_keys(webs, Plan(seed, holders=200, answers=1000, rounds=given.rounds))
    print(f"{given.rounds} rounds, {result}")
    print("\nFor docs/reliability.md:")
    print(f"| keys | {datetime.now(tz=UTC).date()} | {given.rounds} rounds, {result} |")
    sys.exit(bool(result.wrong))


if __name__ == "__main__":
    main()
