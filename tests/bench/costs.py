"""`make bench-costs`: what a check costs the web server and PostgreSQL, and a row on disk; for docs/scaling.md."""

import os
import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path

import psutil

from tests.bench.load import Load, raw, write
from tests.bench.stage import PLACE, portal_environment, requests_at
from tests.portal import free_port, fresh_database
from tests.servers import own_data_directory
from tests.web import Web, serving
from tokenportal import embedded

WARM = 3.0  # seconds


def main() -> None:
    parser = ArgumentParser(description="Measure what checks cost, and rows.")
    parser.add_argument("--tokens", type=int, default=500_000, help="in the table; a tenth as many people")
    parser.add_argument("--seconds", type=float, default=20, help="of checks")
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("make bench-costs needs wrk: apt-get install wrk")
    PLACE.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DEBUG", "1")
    with own_data_directory(), embedded.servers(durable=False), fresh_database() as database:
        more = portal_environment(database)
        web = Web(free_port(), database, os.environ["REDIS_URL"], PLACE / "costs.log", workers=2, threads=2, more=more)
        web.migrate()
        filled = web.ask_module("tests.bench.sizing", str(given.tokens))
        with serving(web):
            checks = _checks(web, filled["presented"], given.seconds)
    print(
        f"{given.tokens:,} tokens of {given.tokens // 10:,} people.\n\n| One check by /verify | CPU, µs |\n|---|---:|"
    )
    for name, micros in checks.items():
        print(f"| {name} | {micros:,.0f} |")
    print("\n| What | Rows | Bytes each |\n|---|---:|---:|")
    for name, (rows, size) in filled["sizes"].items():
        print(f"| {name} | {rows:,} | {size:,} |")


def _checks(web: Web, tokens: list[str], seconds: float) -> dict[str, float]:
    """Microseconds of CPU that each of the two spends on one check."""
    asked = [raw("GET", "/verify", Authorization=f"Bearer {token}") for token in tokens]
    load = Load("/verify", web.port, write(requests_at("costs"), asked))
    load.measure(WARM)
    before = {name: _cpu(processes) for name, processes in _servers(web).items()}
    number = load.measure(seconds).per_second * seconds
    after = {name: _cpu(processes) for name, processes in _servers(web).items()}
    return {name: (after[name] - before[name]) / number * 1e6 for name in before}


def _servers(web: Web) -> dict[str, list[psutil.Process]]:
    assert web.process is not None
    [postmaster, *_rest] = Path(os.environ["TOKENPORTAL_DATA"], "postgres", "postmaster.pid").read_text().splitlines()
    first = {"web server": web.process.pid, "PostgreSQL": int(postmaster)}
    return {name: _family(psutil.Process(pid)) for name, pid in first.items()}


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _cpu(processes: Iterable[psutil.Process]) -> float:
    """Seconds that they have worked so far."""
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


if __name__ == "__main__":
    main()
