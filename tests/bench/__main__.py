"""How fast a token is checked, beside its peers: `make bench` (target Q5)."""

import os
import shutil
import sys
from argparse import ArgumentParser

from tests.bench import contestants as names
from tests.bench.picture import picture
from tests.bench.report import judged, rows_of, table, write_json
from tests.bench.rounds import play
from tests.bench.stage import ARGON2, PLACE, open_stage
from tests.bench.targets import verdicts

OURS = {names.VERIFY, names.INTROSPECT, names.SELF, names.TRIVIAL}
NOT_DRAWN = {names.BATCH, names.GOOD, names.GOOD_BESIDE_WRONG}  # they count other things


def main() -> None:
    parser = ArgumentParser(description="Measure the check of a token beside its peers, interleaved.")
    parser.add_argument("--tokens", type=int, default=1_000_000, help="in the table; a tenth as many people")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each contestant in each round")
    parser.add_argument("--only", default="", help="contestants whose name holds this")
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("make bench needs wrk: apt-get install wrk")
    PLACE.mkdir(parents=True, exist_ok=True)
    with open_stage(given.tokens) as stage:
        chosen = [each for each in names.contestants(stage) if given.only in each.name or each.name == names.FLOOR]
        figures = play(chosen, rounds=given.rounds, seconds=given.seconds)
    rows = rows_of(figures, names.FLOOR)
    print(f"\n{os.cpu_count()} cores, {given.tokens:,} tokens; medians of {given.rounds} rounds of {given.seconds} s\n")
    print(table(rows))
    if given.only:
        return
    print(f"\n{judged(verdicts(figures, len(ARGON2.read_bytes())))}")
    write_json(PLACE / "check.json", rows)
    drawn = [row for row in rows if row["name"] not in NOT_DRAWN]
    (PLACE / "check.svg").write_text(picture("Requests a second, one machine, one run", drawn, OURS))
    print(f"\nWritten: {PLACE / 'check.json'} and {PLACE / 'check.svg'}")


if __name__ == "__main__":
    main()
