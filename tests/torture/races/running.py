"""`python -m tests.torture.races.running`: run races on a migrated database, and print as JSON what came of each.

With `--faults`, each fault of `planted` is put in for the race that has to find it, in a process of its own.
"""

import json
import logging
import os
import random
import sys
import traceback
from argparse import ArgumentParser
from time import monotonic, process_time
from typing import Any

import django

django.setup()

# ruff: noqa: E402  # models can be imported only now
from django.conf import settings
from django.db import connections

from tests.torture.races import beats, cast, crowds, endings, makings, renewals, rosters
from tests.torture.races.planted import FAULTS
from tests.torture.races.track import two_lanes
from tokens import applying, clamping

ALL = (*makings.RACES, *endings.RACES, *renewals.RACES, *crowds.RACES, *rosters.RACES, *beats.RACES)
RACES = {race.name: race for race in ALL}
FOUND_WITHIN = 200  # trials


def run(names: list[str], trials: int, seed: int) -> dict[str, dict[str, Any]]:
    found = {}
    with two_lanes(seed) as track:
        for name in names:
            began, worked = monotonic(), process_time()
            result = track.run(RACES[name], trials).as_dict()
            took = {"seconds": round(monotonic() - began, 1), "cpu": round(process_time() - worked, 1)}
            found[name] = {**result, **took}
            print(name, found[name], file=sys.stderr, flush=True)
    return found


def find(fault: str, seed: int) -> dict[str, Any]:
    """Run its race with a fault in a process of its own, until it is found; what came of that."""
    connections.close_all()
    read, write = os.pipe()
    if not os.fork():
        try:
            FAULTS[fault].plant()
            result = run([FAULTS[fault].race], FOUND_WITHIN, seed)[FAULTS[fault].race]
            os.write(write, json.dumps(result).encode())
        except Exception:  # noqa: BLE001  # told here, and missed by the parent
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    os.wait()
    told: dict[str, Any] = json.loads(text)
    return told


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=50, help="of each race")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", nargs="*", default=[""], help="races with such a word in their names")
    parser.add_argument("--faults", action="store_true")
    given = parser.parse_args()
    # Not what is raced for; at its usual cost each token would take longer than all the rest of a trial.
    settings.TOKEN_ARGON2 = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    # With so few people; a school's are many batches of a transaction.
    clamping.BATCH = applying.BATCH = 1
    logging.disable(logging.WARNING)
    cast.school()
    names = [name for name in RACES if any(word in name for word in given.only)]
    races = run(names, given.trials, given.seed) if given.trials else {}
    faults = {fault: find(fault, given.seed) for fault in FAULTS} if given.faults else {}
    print(json.dumps({"seed": given.seed, "races": races, "faults": faults}))


if __name__ == "__main__":
    main()
