"""`python -m tests.torture.notices`: mail many while workers are killed, and the same, over fewer, with each fault."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from tests.portal import fresh_database
from tests.servers import own_data_directory
from tests.web import Web
from tokenportal import embedded


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=300, help="within which the workers die")
    given = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")
    with own_data_directory(), embedded.servers(durable=False), fresh_database() as database:
        web = Web(0, database, os.environ["REDIS_URL"], Path(os.devnull))
        web.migrate()
        size = (f"--notices={given.notices}", f"--kills={given.kills}", f"--seconds={given.seconds}")
        told = web.ask_module("tests.torture.notices.killing", *size)
        print(told)
        few = ("--notices=600", "--kills=30", "--seconds=3")
        faults = {
            "names": web.ask_module("tests.torture.notices.killing", "--plant=names", *few)["twice"],
            "marks": web.ask_module("tests.torture.notices.killing", "--plant=marks", *few)["missing"],
        }
    print(faults)
    is_right = not (told["twice"] or told["missing"]) and told["repeated"] <= told["kills"] and all(faults.values())
    sys.exit(not is_right)


if __name__ == "__main__":
    main()
