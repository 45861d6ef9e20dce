"""A school brings the tokens that another system made, by a file of owners, purposes, ends and hashes."""

from tokens.importing.bringing import Brought, bring
from tokens.importing.reach import may_import, reach_of
from tokens.importing.reading import COLUMNS, MOST_BYTES, MOST_LINES, Problem, Wanted, read

__all__ = [
    "COLUMNS",
    "MOST_BYTES",
    "MOST_LINES",
    "Brought",
    "Problem",
    "Wanted",
    "bring",
    "may_import",
    "reach_of",
    "read",
]
