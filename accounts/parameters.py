"""What the parameters of an address mean. One that means nothing asks for nothing: a link may be old or cut short."""

from datetime import date

from django.utils.dateparse import parse_date


def number_in(text: str) -> int | None:
    """The id of a row, if it can be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def words_in(text: str) -> str:
    """What to look for, as far as PostgreSQL has such a text."""
    return text.strip().replace("\0", "")


def day_in(text: str) -> date | None:
    """A day as `input type=date` sends it."""
    try:
        return parse_date(text)
    except ValueError:  # a 31st of February
        return None
