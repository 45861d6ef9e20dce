"""The figures as a table for people, as JSON, and as a picture."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.load import Sample
from tests.bench.targets import Verdict


def rows_of(figures: Mapping[str, Sample], floor: str) -> list[dict[str, Any]]:
    """One row each. `requests_per_s` counts tokens where the name says so; the floor is the constant answer."""
    most = figures[floor].per_second
    return [
        {
            "name": name,
            "requests_per_s": round(sample.per_second, 1),
            "p50_ms": round(sample.p50_ms, 3),
            "p99_ms": round(sample.p99_ms, 3),
            "ratio_to_floor": round(sample.per_second / most, 4),
        }
        for name, sample in figures.items()
    ]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table in Markdown."""
    lines = ["| What | a second | p50, ms | p99, ms | of the constant answer |", "|---|---:|---:|---:|---:|"]
    lines += [
        f"| {row['name']} | {row['requests_per_s']:,.0f} | {row['p50_ms']:.2f} | {row['p99_ms']:.2f} "
        f"| {row['ratio_to_floor']:.0%} |"
        for row in rows
    ]
    return "\n".join(lines)


def judged(verdicts: Sequence[Verdict]) -> str:
    """The targets in Markdown."""
    lines = ["| Target | Found | |", "|---|---:|---|"]
    lines += [f"| {each.asked} | {each.found} | {'met' if each.is_met else '**missed**'} |" for each in verdicts]
    return "\n".join(lines)


def write_json(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.write_text(json.dumps(list(rows), indent=2, ensure_ascii=False) + "\n")
