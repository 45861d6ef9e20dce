"""How long a roster takes, and how much memory: `.venv/bin/python -m tests.bench.sis` (target Q9).

Generates a roster of a large school, loads it into a database of its own through `manage.py import_sis`, loads it again
(nothing may change), and loads one with a few changes. Prints seconds and the peak memory of the importing process.
"""

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.portal import fresh_database
from tokenportal import embedded

PEOPLE_A_COURSE = 25


def write_roster(place: Path, people: int, enrollments: int, *, changed: bool = False) -> None:
    """Write the files; `changed` ends one enrollment in a hundred and renames one person in a hundred."""
    rng = random.Random(9)
    courses = enrollments // PEOPLE_A_COURSE
    write(place, "accounts", ("account_id", "parent_account_id", "name", "status"), accounts())
    names = ("user_id", "login_id", "first_name", "last_name", "email", "status")
    write(place, "users", names, users(people, changed=changed))
    rows = ((f"C{n}", f"SUBJ {n}", f"Subject number {n}", f"D{n % 200}", "active") for n in range(courses))
    write(place, "courses", ("course_id", "short_name", "long_name", "account_id", "status"), rows)
    names = ("course_id", "user_id", "role", "section_id", "status", "start_date")
    write(place, "enrollments", names, held(rng, people, courses, enrollments, changed=changed))
    write(place, "admins", ("user_id", "account_id", "role", "status"), admins())


def write(place: Path, kind: str, names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with (place / f"{kind}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)


def accounts() -> Iterable[tuple[str, ...]]:
    yield from ((f"F{n}", "", f"Faculty {n}", "active") for n in range(20))
    yield from ((f"D{n}", f"F{n % 20}", f"Department {n}", "active") for n in range(200))


def admins() -> Iterable[tuple[str, ...]]:
    yield from ((f"U{n}", f"D{n}", "AccountAdmin", "active") for n in range(200))


def users(people: int, *, changed: bool) -> Iterable[tuple[str, ...]]:
    for n in range(people):
        last = f"Person{n}" if not (changed and n % 100 == 0) else f"Renamed{n}"
        yield f"U{n}", f"login{n}", "Given", last, f"login{n}@school.example", "active"


def held(
    rng: random.Random, people: int, courses: int, enrollments: int, *, changed: bool
) -> Iterable[tuple[str, ...]]:
    for n in range(enrollments):
        role = "teacher" if n % PEOPLE_A_COURSE == 0 else "student"
        state = "completed" if changed and n % 100 == 0 else "active"
        # Each person's places are as far from each other as possible, so that no row stands there twice.
        yield f"C{n % courses}", f"U{(n + n // people) % people}", role, f"S{n % courses}-{rng.randrange(2)}", state, ""


def measure(title: str, environment: dict[str, str], roster: Path, *options: str) -> None:
    """Run the command in a process that reports its own peak of memory."""
    code = (
        "import resource, sys, runpy\n"
        "try: runpy.run_path('manage.py', run_name='__main__')\n"
        "finally: print('peak MiB', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    command = [sys.executable, "-c", code, "import_sis", str(roster), *options]
    begun = time.monotonic()
    done = subprocess.run(
        command, env=environment, cwd=embedded.REPOSITORY, text=True, capture_output=True, check=False
    )
    print(f"== {title}: {time.monotonic() - begun:.1f} s, exit code {done.returncode}")
    print(done.stdout, done.stderr[-2000:], sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--enrollments", type=int, default=500_000)
    size = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")
    with tempfile.TemporaryDirectory() as place, embedded.servers(), fresh_database() as database:
        environment = {**os.environ, "DATABASE_URL": database}
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"],
            env=environment,
            cwd=embedded.REPOSITORY,
            check=True,
        )
        write_roster(Path(place), size.people, size.enrollments)
        measure("dry run", environment, Path(place), "--dry-run")
        measure("first import", environment, Path(place))
        measure("the same again", environment, Path(place))
        write_roster(Path(place), size.people, size.enrollments, changed=True)
        measure("with some changes", environment, Path(place))


if __name__ == "__main__":
    main()
