"""The geometry of charts. Pure: the markup lives in templates/charts, the colours in the style sheet."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, NARROW, HEIGHT = 760, 330, 240  # a chart is drawn in its size, or its letters would shrink with it
LEFT, RIGHT, TOP, BOTTOM = 40, 4, 10, 26  # margins for the scale and the days
PLOT = HEIGHT - BOTTOM - TOP
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

    @property
    def above(self) -> float:
        """Where the figure of the whole column stands."""
        return round((self.parts[-1].y if self.parts else HEIGHT - BOTTOM) - 7, 1)


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
    plot, base = PLOT, HEIGHT - BOTTOM
    place = (width - LEFT - RIGHT) / max(1, len(rows))
    columns = []
    for number, counts in enumerate(rows):
        x = LEFT + place * number
        columns.append(
            Column(round(x + place * GAP / 2, 1), round(x + place / 2, 1), _parts(counts, kinds, plot / top))
        )
    return Columns(width, HEIGHT, LEFT, width - RIGHT, base, round(place * (1 - GAP), 1), columns, _grid(top, step))


def _grid(top: int, step: int) -> list[tuple[float, int]]:
    """The heights and numbers of a scale's lines, from below upwards."""
    return [(round(HEIGHT - BOTTOM - PLOT * tick / top, 1), tick) for tick in range(0, top + 1, step)]


def _parts(counts: Sequence[int], kinds: Sequence[str], unit: float) -> list[Part]:
    parts, y = [], float(HEIGHT - BOTTOM)
    for count, kind in zip(counts, kinds, strict=True):
        if count:
            tall = max(2.0, count * unit)  # a single request is to be seen beside ten thousand
            y -= tall
            parts.append(Part(kind, round(y, 1), round(tall, 1)))
    return parts


@dataclass(frozen=True, slots=True)
class Course:
    """A line with the area below it, its points from left to right, and a scale as of `Columns`."""

    width: int
    height: int
    left: int
    right: int
    points: list[tuple[float, float]]
    line: str
    area: str
    grid: list[tuple[float, int]]

    @property
    def end(self) -> tuple[float, float]:
        """The last point."""
        return self.points[-1]


def course(values: Sequence[int], *, width: int = NARROW) -> Course:
    """Draw at least two counts as a line over their area."""
    top, step = scale(max(values))
    base, right = HEIGHT - BOTTOM, width - 10  # room for the mark at the end
    across = (right - LEFT) / (len(values) - 1)
    points = [(round(LEFT + across * n, 1), round(base - PLOT * value / top, 1)) for n, value in enumerate(values)]
    line = "M" + " L".join(f"{x} {y}" for x, y in points)
    return Course(
        width, HEIGHT, LEFT, right, points, line, f"{line} L{right} {base} L{LEFT} {base} Z", _grid(top, step)
    )


@dataclass(frozen=True, slots=True)
class Share:
    """One piece of a bar."""

    kind: str
    x: float
    width: float


def shares(counts: Sequence[int], kinds: Sequence[str], *, width: int = NARROW) -> list[Share]:
    """Divide a bar among counts, with a gap after each; a count of nothing takes no room."""
    pieces, x, whole = [], 0.0, sum(counts)
    for count, kind in zip(counts, kinds, strict=True):
        if count:
            wide = width * count / whole
            pieces.append(Share(kind, round(x, 1), round(max(1.0, wide - 2), 1)))
            x += wide
    return pieces


def scale(most: int) -> tuple[int, int]:
    """The top of a scale that holds `most` in at most TICKS round steps of whole numbers, and the step."""
    if most <= TICKS:
        return max(1, most), 1
    power = 10 ** math.floor(math.log10(most / TICKS))
    step = next(math.ceil(power * factor) for factor in (1, 2, 2.5, 5, 10) if power * factor * TICKS >= most)
    return step * math.ceil(most / step), step
