"""`python -m tests.torture.hostile`: the long form."""

import os
import secrets
import subprocess
import sys
from argparse import ArgumentParser

from tests.portal import fresh_database
from tests.servers import own_data_directory
from tokenportal import embedded


def main() -> None:
    parser = ArgumentParser(description="Send bad input to every door, field and parser, and look what comes of it.")
    parser.add_argument("--requests", type=int, default=250_000, help="all that are sent")
    parser.add_argument("--seed", type=int, default=None, help="of what is sent; chosen and printed otherwise")
    parser.add_argument(
        "--planted", choices=("failing", "lenient", "shouting"), help="with a fault, which it has to find"
    )
    parser.add_argument(
        "--fields", action="store_true", help="leave out the credentials with every byte at every place"
    )
    given = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    with own_data_directory(), embedded.servers(durable=False), fresh_database() as database:
        os.environ.update(DATABASE_URL=database, API_RATE="1000000000/min")
        manage = [sys.executable, str(embedded.REPOSITORY / "manage.py"), "migrate", "--verbosity=0"]
        subprocess.run(manage, check=True)
        asking = [sys.executable, "-m", "tests.torture.hostile.long", str(given.requests), str(seed)]
        asking += [given.planted or "", "fields" if given.fields else "all"]
        sys.exit(subprocess.run(asking, cwd=embedded.REPOSITORY, check=False).returncode)


if __name__ == "__main__":
    main()
