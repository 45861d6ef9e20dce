"""What the lines of a file of foreign tokens say. Pure: whose they are and what becomes of them is asked later."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from policies.expiry import parse_expiry
from policies.refusals import Code, Gathered, Refusal, refuse
from tokens.texts import clean_purpose

COLUMNS = ("owner", "purpose", "expires_at", "sha256", "created_at")
_NEEDED = ("owner", "purpose", "sha256")
MOST_LINES = 200_000
MOST_BYTES = 2 * 1024**2  # of a file that is sent to a page
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line that can be read: `owner` is a sign-in name or `sis_user_id:X`; `number` counts from the header, 1."""

    number: int
    owner: str
    purpose: str
    expires_at: datetime | None
    digest: bytes
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line is left out."""

    number: int
    refusals: tuple[Refusal, ...]


def read(text: Iterable[str], *, zone: ZoneInfo) -> Iterator[Wanted | Problem]:
    """Read the lines one by one; a day ends in `zone`. Raises Refused(import_unreadable or import_too_long)."""
    rows = csv.DictReader(_checked(text), strict=True)
    try:
        names = [name.strip().lower() for name in rows.fieldnames or ()]
        if missing := [name for name in _NEEDED if name not in names]:
            raise refuse(Code.IMPORT_UNREADABLE, "file", columns=", ".join(missing))
        rows.fieldnames = names
        for row in rows:
            if rows.line_num > MOST_LINES:
                raise refuse(Code.IMPORT_TOO_LONG, "file", most=MOST_LINES)
            yield _read_row(rows.line_num, {name: row.get(name) or "" for name in COLUMNS}, zone)
    except (csv.Error, UnicodeError) as error:
        raise refuse(Code.IMPORT_NOT_CSV, "file", line=rows.line_num + 1) from error


def _checked(text: Iterable[str]) -> Iterator[str]:
    """Each line; of a file opened with `surrogateescape`, one with bytes that are no UTF-8 raises UnicodeError."""
    for line in text:
        line.encode()
        yield line


def _read_row(number: int, row: dict[str, str], zone: ZoneInfo) -> Wanted | Problem:
    row = {name: value.strip() for name, value in row.items()}
    purpose, expires_at, created_at, digest = "", None, None, b""
    with Gathered() as gathered:
        with gathered:
            purpose = clean_purpose(row["purpose"])
        with gathered:
            expires_at = parse_expiry(row["expires_at"], zone) if row["expires_at"] else None
        with gathered:
            created_at = parse_expiry(row["created_at"], ZoneInfo("UTC")) if row["created_at"] else None
        with gathered:
            digest = _digest(row["sha256"])
    if gathered.refusals:
        return Problem(number, tuple(gathered.refusals))
    return Wanted(number, row["owner"], purpose, expires_at, digest, created_at)


def _digest(text: str) -> bytes:
    if not _HASH.fullmatch(text):
        raise refuse(Code.HASH_INVALID, "sha256")
    return bytes.fromhex(text)
