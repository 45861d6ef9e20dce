"""`python -m tests.torture.races`: the long form, and every planted fault."""

import json
import os
import random
import subprocess
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path

from tests.portal import fresh_database
from tests.servers import own_data_directory
from tests.torture.races import database_of_redis
from tests.web import Web
from tokenportal import embedded


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000, help="of each race")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", nargs="*", default=[""], help="races with such a word in their names")
    given = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")
    with own_data_directory(), embedded.servers(durable=False), fresh_database() as database:
        web = Web(0, database, database_of_redis(), Path(os.devnull))
        web.migrate()
        size = [f"--trials={given.trials}", f"--seed={given.seed}", "--faults"]
        command = [sys.executable, "-m", "tests.torture.races.running", *size, "--only", *given.only]
        told = json.loads(subprocess.run(command, env=web.environment, stdout=subprocess.PIPE, check=True).stdout)
    today = datetime.now(tz=UTC).date()
    print("\nFor docs/reliability.md:")
    for name, found in told["races"].items():
        wrong = "; ".join(found["violations"]) or "none"
        print(
            f"| {name} | {today} | seed {given.seed}: {found['trials']:,} trials, {found['overlapped']:,} overlapped, "
            f"{found['waited']:,} seen waiting for a lock; wrong: {wrong} |"
        )
    missed = [name for name, found in told["faults"].items() if not found["violations"]]
    print("Planted faults that were missed:", missed or "none")
    sys.exit(bool(missed or any(found["violations"] for found in told["races"].values())))


if __name__ == "__main__":
    main()
