"""What the headers of an answer tell a program of the token that it carries."""

from collections.abc import Iterator
from datetime import datetime

from accounts.moments import iso
from tokens.models import EXPIRES_SOON
from tokens.verification import TokenRow

SUPERSEDED = ("Token-Superseded", "true")  # there is a newer secret; this one stops soon
_HOUR, _DAY = 3_600, 86_400  # seconds


def told_of(token: TokenRow, *, now: datetime) -> Iterator[tuple[str, str]]:
    """`Token-Expires-At` if it ends, `Token-Warning` if that is soon, `Token-Superseded` if there is a newer secret."""
    if token.is_superseded:
        yield SUPERSEDED
    if token.ends_at is None:
        return
    yield "Token-Expires-At", iso(token.ends_at)
    if token.ends_at <= now + EXPIRES_SOON:
        yield "Token-Warning", _warning(token, token.ends_at, now)


def _warning(token: TokenRow, end: datetime, now: datetime) -> str:
    """In plain English and ASCII, as the API speaks; a program may show it as it is."""
    left = _told(int((end - now).total_seconds()))
    if token.works_until == end:
        return f"This secret has been replaced and stops in {left}. Use the new one."
    return f"This token ends in {left}. Rotate it in time."


def _told(seconds: int) -> str:
    """In the largest unit of which there is one, or of hours two."""
    if seconds >= _DAY:
        return _counted(seconds // _DAY, "day")
    return _counted(seconds // _HOUR, "hour") if seconds >= 2 * _HOUR else f"{max(seconds // 60, 1)} min"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
