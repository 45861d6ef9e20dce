"""How long a school takes from Canvas' API, against the same rows from files: `.venv/bin/python -m tests.bench.canvas`.

A Canvas of the tests runs in a process of its own; each round loads it into a new database by `manage.py sync_canvas`,
then the same rows into another by `manage.py import_sis`, and syncs once more (nothing may change). Prints seconds, the
peak of memory, and how many times as long the API takes; what the test's Canvas itself takes is in it.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from accounts.canvas.asking import Canvas
from accounts.canvas.pulling import Pull
from tests.canvas.server import TOKEN
from tests.portal import fresh_database
from tokenportal import embedded

_RUN = (
    "import resource, runpy\n"
    "try: runpy.run_path('manage.py', run_name='__main__')\n"
    "finally: print('peak MiB', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
)


@contextmanager
def canvas(people: int, enrollments: int) -> Iterator[str]:
    """Serve a school of that size; give its address."""
    command = [sys.executable, "-m", "tests.canvas.server", f"--people={people}", f"--enrollments={enrollments}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=embedded.REPOSITORY) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


def run(environment: dict[str, str], *command: str) -> tuple[float, int, str]:
    """Run a command of manage.py; return seconds, the peak of memory in MiB, and what it said."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *command],
        env=environment,
        cwd=embedded.REPOSITORY,
        text=True,
        capture_output=True,
        check=True,
    )
    seconds = time.monotonic() - begun
    peak = re.search(r"peak MiB (\d+)", done.stdout)
    assert peak is not None
    return seconds, int(peak[1]), done.stdout


def measure(url: str, people: int) -> float:
    """Load the school both ways; return how many times as long the API took."""
    settings = {**os.environ, "CANVAS_URL": url, "CANVAS_TOKEN": TOKEN}
    with fresh_database() as by_api, fresh_database() as by_files, tempfile.TemporaryDirectory() as place:
        for database in (by_api, by_files):
            run({**settings, "DATABASE_URL": database}, "migrate", "-v0")
        Pull(Canvas(url, TOKEN), "self", Path(place), lambda _read: None).write()
        api, peak, _said = run({**settings, "DATABASE_URL": by_api}, "sync_canvas")
        print(f"Canvas' API: {api:.1f} s, {people / api:.0f} people/s, peak {peak} MiB")
        files, peak, _said = run({**settings, "DATABASE_URL": by_files}, "import_sis", place)
        print(f"files: {files:.1f} s, {people / files:.0f} people/s, peak {peak} MiB")
        again, peak, said = run({**settings, "DATABASE_URL": by_api}, "sync_canvas")
        changes = set(re.findall(r"│ *(\d+) *│ *(\d+) *│ *(\d+) *│ *\d+ *│ *\d+", said))
        assert changes == {("0", "0", "0")}, said
        print(f"Canvas' API again, nothing changes: {again:.1f} s, peak {peak} MiB; ratio {api / files:.2f}")
        return api / files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--enrollments", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=3)
    size = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")
    with embedded.servers(), canvas(size.people, size.enrollments) as url:
        ratios = [measure(url, size.people) for _round in range(size.rounds)]
    print(f"{size.people} people, {size.enrollments} enrollments: {median(ratios):.2f} times as long as files")


if __name__ == "__main__":
    main()
