"""Reads `table.txt`, which says what everybody gets everywhere."""

from dataclasses import dataclass
from pathlib import Path

PLACE = Path(__file__).with_name("table.txt")


@dataclass(frozen=True)
class Row:
    """A method of an address, and what each caller gets there."""

    method: str
    address: str
    cells: dict[str, str]

    @property
    def callers(self) -> tuple[str, ...]:
        return tuple(self.cells)


def read() -> list[Row]:
    """All rows. A line after `:` names the callers of the rows below it."""
    rows: list[Row] = []
    callers: list[str] = []
    for number, line in enumerate(PLACE.read_text().splitlines(), 1):
        match line.split():
            case [] | ["#", *_]:
                continue
            case [":", *names]:
                callers = names
            case [method, address, *cells] if len(cells) == len(callers):
                rows.append(Row(method, address, dict(zip(callers, cells, strict=True))))
            case _:
                raise ValueError(f"{PLACE.name}, line {number}: {len(callers)} cells are needed")
    return rows


def line_of(method: str, address: str, cells: list[str]) -> str:
    """A row as it is written."""
    return f"{method:6} {address:72} {' '.join(f'{cell:6}' for cell in cells)}".rstrip()
