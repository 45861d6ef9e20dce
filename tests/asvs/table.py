"""Reads the table of docs/asvs.md, and which requirements OWASP ASVS 5.0.0 has."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tokenportal.embedded import REPOSITORY

PLACE = REPOSITORY / "docs" / "asvs.md"
LEVELS = Path(__file__).with_name("levels.txt")
STATES = ("met", "not applicable", "**not met**")
_ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (\d) \| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)
_NAMED = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|Dockerfile|pyproject\.toml)(?:::(\w+))?`")
_LINK = re.compile(r"\]\(([\w./-]+)(?:#([\w-]+))?\)")


@dataclass(frozen=True)
class Row:
    """A requirement, and what is said of it."""

    number: str
    level: str
    about: str
    state: str
    evidence: str


def read(text: str) -> list[Row]:
    return [Row(*found) for found in _ROW.findall(text)]


def requirements() -> dict[str, str]:
    """Number and level of every requirement of the standard."""
    lines = [line.split() for line in LEVELS.read_text().splitlines() if not line.startswith("#")]
    return {f"{section}.{place}": level for section, *levels in lines for place, level in enumerate(levels, start=1)}


def missing_from(row: Row) -> Iterator[str]:
    """Whatever a row names that is not there: a file, a test in it, a text or its heading."""
    for path, name in _NAMED.findall(row.evidence):
        place = REPOSITORY / path
        if not place.exists():
            yield path
        elif name and name not in functions_of(place):
            yield f"{path}::{name}"
    for path, heading in _LINK.findall(row.evidence):
        place = PLACE.parent / path
        if not place.exists():
            yield path
        elif heading and heading not in headings_of(place):
            yield f"{path}#{heading}"


@cache
def functions_of(place: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(place.read_text())) if isinstance(node, ast.FunctionDef)}


@cache
def headings_of(place: Path) -> set[str]:
    """The headings of a text, as their addresses are."""
    titles = re.findall(r"^#+ (.+)$", place.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
