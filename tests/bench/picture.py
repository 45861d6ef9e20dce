"""A bar for each row, as SVG."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, LINE, TOP = 960, 26, 44  # pixels
LABELS, BARS = 330, 460  # how wide names and bars are
STYLE = 'font-family="system-ui, sans-serif" font-size="13"'
OURS, OTHERS = "#0b6bcb", "#9aa5b1"


def picture(title: str, rows: Sequence[Mapping[str, Any]], ours: set[str]) -> str:
    """Draw the rows; the longest bar is as long as there is room."""
    most = max(row["requests_per_s"] for row in rows)
    height = TOP + LINE * len(rows) + 12
    bars = [_bar(at, row, most, OURS if row["name"] in ours else OTHERS) for at, row in enumerate(rows)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" {STYLE}>',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            f'<text x="16" y="26" font-size="16" font-weight="600">{escape(title)}</text>',
            *bars,
            "</svg>\n",
        ]
    )


def _bar(at: int, row: Mapping[str, Any], most: float, colour: str) -> str:
    top, length = TOP + LINE * at, max(1.0, BARS * row["requests_per_s"] / most)
    middle = top + LINE / 2 + 4
    said = f"{row['requests_per_s']:,.0f}/s, p99 {row['p99_ms']:.1f} ms"
    return (
        f'<text x="{LABELS}" y="{middle:g}" text-anchor="end">{escape(row["name"])}</text>'
        f'<rect x="{LABELS + 10}" y="{top + 4}" width="{length:.1f}" height="{LINE - 8}" rx="2" fill="{colour}"/>'
        f'<text x="{LABELS + 16 + length:.1f}" y="{middle:g}" fill="#444">{escape(said)}</text>'
    )
