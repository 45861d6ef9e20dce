"""What is asked of the mutants of a subject: nearly all are noticed, and of each other one it is known why not."""

import re
from collections.abc import Iterable

from tests.mutants.tree import Mutant
from tokenportal.embedded import REPOSITORY

LEAST = 95  # per cent that tests must notice
EXPLANATIONS = REPOSITORY / "docs" / "mutants.md"
_EXPLAINED = re.compile(r"^- `(?P<where>[^`]+)`: `(?P<becomes>[^`]+)`[.:] \S", re.MULTILINE)


def survivors(mutants: Iterable[Mutant]) -> list[Mutant]:
    """Those that no test noticed."""
    return [mutant for mutant in mutants if mutant.status not in {"killed", "timeout"}]


def score(mutants: list[Mutant]) -> float:
    """Per cent of them that were noticed."""
    return 100 * (1 - len(survivors(mutants)) / len(mutants))


def faults(mutants: list[Mutant], explanations: str) -> list[str]:
    """What is wrong with this result, in words; nothing where all is well."""
    found = [] if score(mutants) >= LEAST else [f"only {score(mutants):.1f} % were noticed"]
    known = {(each["where"], each["becomes"]) for each in _EXPLAINED.finditer(explanations)}
    return found + [
        f"- `{mutant.where}`: `{mutant.becomes}`. ({mutant.status}; it was `{mutant.was}`)"
        for mutant in survivors(mutants)
        if (mutant.where, mutant.becomes) not in known
    ]


def row(name: str, mutants: list[Mutant]) -> str:
    """A row for the table of docs/mutants.md."""
    left, slow = len(survivors(mutants)), sum(mutant.status == "timeout" for mutant in mutants)
    return f"| {name} | {len(mutants)} | {len(mutants) - left} | {slow} | {left} | {score(mutants):.1f} % |"
