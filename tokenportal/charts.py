"""The geometry of charts. Pure: the markup lives in templates/charts, the colours in the style sheet."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, NARROW, HEIGHT = 760, 330, 240  # a chart is drawn in its size, or its letters would shrink with it
LEFT, RIGHT, TOP, BOTTOM = 40, 4, 10, 26  # margins for the scale and the days
GAP = 0.28  # of a column's place
TICKS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A spark line in a box of 104 by 28: the line, and the area below it (empty where nothing was counted)."""

    line: str
    area: str


def spark(values: Sequence[int], *, width: int = 104, height: int = 28) -> Line:
    """Draw counts as a line, the highest of them at the top."""
    most = max(values, default=0)
    if not most or len(values) < 2:
        return Line(f"M0 {height - 1} L{width} {height - 1}", "")
    step = width / (len(values) - 1)
    points = [f"{step * n:.1f} {height - 2 - (height - 5) * value / most:.1f}" for n, value in enumerate(values)]
    line = "M" + " L".join(points)
    return Line(line, f"{line} L{width} {height} L0 {height} Z")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a column."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """The parts of one column, from below upwards, and where its label stands."""

    x: float
    middle: float
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Columns:
    """Stacked columns with a scale: `grid` are the heights and numbers of its lines."""

    width: int
    height: int
    left: int
    right: int
    base: int
    column_width: float
    columns: list[Column]
    grid: list[tuple[float, int]]


def stacked(rows: Sequence[Sequence[int]], kinds: Sequence[str], *, width: int = WIDTH) -> Columns:
    """Draw one column for each row, whose counts stand on each other in the order of `kinds`."""
    top, step = scale(max(map(sum, rows), default=0))
    plot, base = HEIGHT - BOTTOM - TOP, HEIGHT - BOTTOM
    place = (width - LEFT - RIGHT) / max(1, len(rows))
    columns = []
    for number, counts in enumerate(rows):
        x = LEFT + place * number
        columns.append(
            Column(round(x + place * GAP / 2, 1), round(x + place / 2, 1), _parts(counts, kinds, plot / top))
        )
    grid = [(round(base - plot * tick / top, 1), tick) for tick in range(0, top + 1, step)]
    return Columns(width, HEIGHT, LEFT, width - RIGHT, base, round(place * (1 - GAP), 1), columns, grid)


def _parts(counts: Sequence[int], kinds: Sequence[str], unit: float) -> list[Part]:
    parts, y = [], float(HEIGHT - BOTTOM)
    for count, kind in zip(counts, kinds, strict=True):
        if count:
            tall = max(2.0, count * unit)  # a single request is to be seen beside ten thousand
            y -= tall
            parts.append(Part(kind, round(y, 1), round(tall, 1)))
    return parts


def scale(most: int) -> tuple[int, int]:
    """The top of a scale that holds `most` in at most TICKS round steps of whole numbers, and the step."""
    if most <= TICKS:
        return max(1, most), 1
    power = 10 ** math.floor(math.log10(most / TICKS))
    step = next(math.ceil(power * factor) for factor in (1, 2, 2.5, 5, 10) if power * factor * TICKS >= most)
    return step * math.ceil(most / step), step
