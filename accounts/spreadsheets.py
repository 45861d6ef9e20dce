"""Files for spreadsheets (CSV, RFC 4180): how rows are written, and what a spreadsheet must not take for a formula."""

import csv
from collections.abc import Iterable
from io import StringIO

BOM = "\ufeff"  # spreadsheets take a file without it for one in their own old code page
# The last four are the wide forms, which a spreadsheet in Japanese or Chinese reads as the narrow ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def written(rows: Iterable[Iterable[object]]) -> str:
    """Rows as the file has them."""
    text = StringIO()
    csv.writer(text).writerows([defused(cell) for cell in row] for row in rows)
    return text.getvalue()


def defused(cell: object) -> object:
    """A text that a spreadsheet would run as a formula, made one that it shows (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
