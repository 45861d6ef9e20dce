"""How long a change of policy takes, and what it does to the check meanwhile: `make bench-policy`."""

import json
import os
import shutil
import signal
import sys
import time
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.load import Load, Sample, raw, write
from tests.bench.policy_stage import PolicyStage, open_stage
from tests.bench.policy_watch import Course, Found, follow, found
from tests.bench.report import judged
from tests.bench.stage import PLACE, requests_at
from tests.bench.targets import Verdict

SPREAD_DAYS = 30
PAUSE = 64  # milliseconds before each request: with 16 connections some 240 a second, twenty million a day
LONGEST = 900.0  # seconds of load, which ends with the change
GROWTH = 12.0  # MiB that may be added in the second half of the batches


def main() -> None:
    parser = ArgumentParser(description="Measure a change of policy that shortens four of ten tokens.")
    parser.add_argument("--tokens", type=int, default=1_000_000, help="in the table; a tenth as many people")
    parser.add_argument("--previews", type=int, default=7, help="how many to take the median of")
    parser.add_argument("--seconds", type=float, default=30, help="of the check by itself, with a roll-up or two")
    parser.add_argument("--kills", type=int, default=0, help="kill the worker so many times on the way")
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which it is killed")
    parser.add_argument("--json", type=Path, default=PLACE / "policy.json", help="where the figures go")
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("make bench-policy needs wrk: apt-get install wrk")
    PLACE.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with open_stage(given.tokens) as stage:
        seen = stage.ask("show", str(given.previews))
        usual, meanwhile, saved, course = _carried_out(stage, given.seconds, given.kills, given.seed)
        after = found(stage, saved["change"])
    targets = verdicts(seen["seconds"], saved, usual, meanwhile, course, after)
    figures = {
        "tokens": given.tokens,
        "preview_s": round(median(seen["seconds"]), 3),
        "saved_s": round(saved["seconds"], 3),
        "applied_s": round(course.seconds, 1),
        "previewed": saved["shortened"],
        "found": asdict(after),
        "usual_p99_ms": usual.p99_ms,
        "meanwhile_p99_ms": meanwhile.p99_ms,
        "memory_mib": [round(each) for each in course.memory[:: max(len(course.memory) // 40, 1)]],
        "kills": course.kills,
        "targets": [asdict(each) for each in targets],
    }
    given.json.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\n{os.cpu_count()} cores, {given.tokens:,} tokens, {given.tokens // 10:,} people; ", end="")
    print(f"{time.monotonic() - begun:.0f} s in all\n\n{judged(targets)}\n\nWritten: {given.json}")


def _carried_out(
    stage: PolicyStage, seconds: float, kills: int, seed: int
) -> tuple[Sample, Sample, dict[str, Any], Course]:
    """The check by itself, then beside the change from its saving to its end."""
    requests = [raw("GET", "/verify", Authorization=f"Bearer {token}") for token in stage.rotation]
    load = Load("/verify, paced", stage.port, write(requests_at("policy"), requests), pause=PAUSE)
    load.measure(2)
    usual = load.measure(seconds)
    beside = load.start(LONGEST)
    try:
        saved = stage.ask("save")
        course = follow(stage, saved["change"], kills=kills, seed=seed)
    finally:
        beside.send_signal(signal.SIGINT)  # wrk says what it has seen so far
    return usual, load.read(beside), saved, course


def verdicts(
    previews: list[float], saved: dict[str, Any], usual: Sample, meanwhile: Sample, course: Course, after: Found
) -> list[Verdict]:
    """Hold the figures against each target."""
    preview, number = median(previews), saved["shortened"]
    slower = meanwhile.p99_ms / usual.p99_ms
    once = (after.lines, after.tokens, after.wrong_ends) == (number, number, 0)
    told = after.notices == after.told == after.owners
    most = 1.5 * number / SPREAD_DAYS
    return [
        Verdict("preview ≤ 2 s", f"{preview:.2f} s", preview <= 2),
        Verdict(f"{number:,} tokens shortened ≤ 60 s after saving", f"{course.seconds:.1f} s", course.seconds <= 60),
        Verdict(
            "p99 of the check meanwhile ≤ 2 × its usual",
            f"{slower:.2f} × ({usual.p99_ms:.1f} → {meanwhile.p99_ms:.1f} ms)",
            slower <= 2,
        ),
        Verdict(
            f"memory of the worker in the second half, growth ≤ {GROWTH:g} MiB",
            f"{course.growth:.1f} MiB of {max(course.memory, default=0):.0f}",
            course.growth <= GROWTH,
        ),
        Verdict("as many as previewed, each once, at its right end", f"{after.tokens:,} of {number:,}", once),
        Verdict("each owner told once", f"{after.notices:,} notices, {after.owners:,} owners", told),
        Verdict(f"new ends on one day ≤ {most:,.0f}", f"{after.largest_day:,}", after.largest_day <= most),
    ]


if __name__ == "__main__":
    main()
