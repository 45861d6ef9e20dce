"""How long an administrator waits among a million tokens: `make bench-admin`."""

import json
import math
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import psutil

from tests.bench.policy_stage import open_stage
from tests.bench.report import judged
from tests.bench.stage import PLACE, run
from tests.bench.targets import Verdict

SLOWEST = 300.0  # milliseconds, of 95 in 100
GROWTH = 64.0  # MiB by which the workers may grow while they send the whole list
PIECE = 1 << 16
OPTIONS = {
    "role": ("students_only", "student", "teacher", "admin", "none"),
    "state": ("pending", "active", "suspended", "expired", "revoked", "all"),
    "use": ("recent", "idle", "never"),
    "ends": ("7", "14", "30", "never"),
    "made": ("others",),
    "scoped": ("yes", "no"),
    "owner": ("Person1999", "Given"),
    "purpose": ("reading", "nobody wrote this"),
    "course": ("SUBJ 7", "Subject"),
    "scope": ("url:GET|/api/v1/users/:id",),
    "q": ("notebook", "Person777", "tpat_b", "nobody", "e"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What one address takes, in milliseconds."""

    address: str
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class File:
    """A whole list: its rows, the seconds to its first piece and in all, and by how many MiB the workers grew."""

    form: str
    rows: int
    first_s: float
    seconds: float
    growth_mib: float


class Visitor:
    """A browser in which an administrator is signed in."""

    def __init__(self, port: int, session: str) -> None:
        """Remember where and who."""
        self._connection = HTTPConnection("127.0.0.1", port, timeout=300)
        self._headers = {"Cookie": session}

    def look(self, address: str, times: int) -> Page:
        """Open an address so many times, after one that fills the buffers."""
        took = []
        for _ in range(times + 1):
            begun = time.perf_counter()
            self._connection.request("GET", f"/inventory/?{address}", headers=self._headers)
            answer = self._connection.getresponse()
            answer.read()
            took.append((time.perf_counter() - begun) * 1000)
            if answer.status != 200:
                raise RuntimeError(f"{address}: {answer.status}")
        return Page(address, round(median(took[1:]), 1), round(p95(took[1:]), 1))

    def take(self, form: str, workers: Sequence[psutil.Process]) -> File:
        """Take the whole list away, looking at the memory of the workers on the way."""
        begun, usual, most, first, lines = time.perf_counter(), memory_of(workers), 0.0, 0.0, 0
        self._connection.request("GET", f"/inventory/export/?state=all&format={form}", headers=self._headers)
        answer = self._connection.getresponse()
        while piece := answer.read(PIECE):
            first = first or time.perf_counter() - begun
            lines += piece.count(b"\n")
            most = max(most, memory_of(workers))
        rows = lines - (form == "csv")
        return File(form, rows, round(first, 2), round(time.perf_counter() - begun, 1), round(most - usual, 1))


def p95(took: Sequence[float]) -> float:
    """The time that 95 in 100 do not exceed."""
    return sorted(took)[math.ceil(len(took) * 0.95) - 1]


def memory_of(workers: Sequence[psutil.Process]) -> float:
    """What they hold together, in MiB."""
    return float(sum(worker.memory_info().rss for worker in workers)) / 2**20


def addresses(places: Mapping[str, Sequence[str]]) -> list[str]:
    """Every filter, every order with its first page, one in the middle and one near the end, and some together."""
    day = datetime.now(tz=UTC).date()
    days = [
        {f"{name}_{edge}": str(day + timedelta(days=way * 20))}
        for name, way in {"created": -1, "ends": 1, "used": -1}.items()
        for edge in ("from", "to")
    ]
    some = [{name: value} for name, values in OPTIONS.items() for value in values]
    orders = [{"sort": order} for order in places]
    deep = [{"sort": order, "after": place} for order, two in places.items() for place in two]
    together = [
        {"role": "students_only", "use": "idle", "ends": "30", "sort": "ends"},
        {"role": "teacher", "owner": "Person1", "course": "SUBJ", "state": "all", "sort": "-used"},
        {"q": "e", "sort": "-requests"},
    ]
    return ["", *(urlencode(each) for each in (*some, *days, *orders, *deep, *together))]


def main() -> None:
    parser = ArgumentParser(description="Measure what an administrator waits for among many tokens.")
    parser.add_argument("--tokens", type=int, default=1_000_000, help="in the table; a tenth as many people")
    parser.add_argument("--times", type=int, default=20, help="how often each page is opened")
    parser.add_argument("--json", type=Path, default=PLACE / "admin.json", help="where the figures go")
    given = parser.parse_args()
    PLACE.mkdir(parents=True, exist_ok=True)
    with open_stage(given.tokens) as stage:
        # Pages name their assets by what is in them, which has to be collected first.
        run([sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"], stage.environment)
        known = json.loads(run([sys.executable, "-m", "tests.bench.admin_visitor"], stage.environment))
        visitor = Visitor(stage.port, known["session"])
        pages = [visitor.look(address, given.times) for address in addresses(known["places"])]
        workers = workers_at(stage.port)
        files = [visitor.take(form, workers) for form in ("csv", "jsonl")]
    targets = verdicts(pages, files, given.tokens)
    figures = {
        "tokens": given.tokens,
        "pages": [asdict(each) for each in pages],
        "files": [asdict(each) for each in files],
        "targets": [asdict(each) for each in targets],
    }
    given.json.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\n{os.cpu_count()} cores, {given.tokens:,} tokens, {given.tokens // 10:,} people\n\n{slowest(pages)}\n")
    print(f"{judged(targets)}\n\nWritten: {given.json}")


def workers_at(port: int) -> list[psutil.Process]:
    """The processes of the web server that the benchmark has started."""
    for child in psutil.Process().children():
        if str(port) in " ".join(child.cmdline()):  # as it was called, or as it calls itself
            return [child, *child.children(recursive=True)]
    raise RuntimeError(f"No web server of ours listens at {port}.")


def slowest(pages: Sequence[Page]) -> str:
    """The ten slowest pages, in Markdown."""
    rows = sorted(pages, key=lambda page: -page.p95_ms)[:10]
    lines = ["| Page | p50, ms | p95, ms |", "|---|---:|---:|"]
    return "\n".join([*lines, *(f"| `?{each.address}` | {each.p50_ms:.0f} | {each.p95_ms:.0f} |" for each in rows)])


def verdicts(pages: Sequence[Page], files: Sequence[File], tokens: int) -> list[Verdict]:
    """Hold the figures against each target."""
    worst = max(pages, key=lambda page: page.p95_ms)
    late = sum(page.p95_ms > SLOWEST for page in pages)
    found = f"{worst.p95_ms:.0f} ms; {late:,} above"
    wanted = [Verdict(f"p95 of each of {len(pages):,} pages ≤ {SLOWEST:.0f} ms", found, late == 0)]
    for each in files:
        course = f"{each.rows:,} rows in {each.seconds:.0f} s, the first after {each.first_s:.1f} s"
        said = f"{each.growth_mib:.0f} MiB; {course}"
        is_flat = each.growth_mib <= GROWTH and each.rows == tokens
        wanted.append(Verdict(f"export as {each.form}: the workers grow ≤ {GROWTH:.0f} MiB", said, is_flat))
    return wanted


if __name__ == "__main__":
    main()
