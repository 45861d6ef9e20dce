"""What is kept of an import beside its rows: how many of each kind became what, and the first problems."""

from collections import Counter
from typing import Any

from accounts.sis.report import Problem, Report

KEPT = 20  # different problems
_COUNTED = ("created", "updated", "ended", "unchanged", "bad")


class Problems(Counter[str]):
    """What could not be taken, and how often each was met; without files and lines, which are gone with the run."""

    def note(self, problem: Problem) -> None:
        kind = problem.file.rsplit("/", 1)[-1].removesuffix(".csv")
        self[Problem(kind, 0, problem.reason).without_line] += 1


def kept_of(report: Report, problems: Problems) -> dict[str, Any]:
    """Return the values for a `RosterRun`."""
    counts = report.counts.items()
    return {
        "counts": {kind: {name: getattr(each, name) for name in _COUNTED} for kind, each in counts},
        "problems": problems.most_common(KEPT),
    }
