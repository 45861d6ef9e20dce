"""What a token looks like, as far as that can be told without asking: 71 characters, the last six a checksum."""

import re
import zlib
from string import ascii_letters, digits

from tokenportal_cli.problems import Misused

_WHOLE = re.compile(r"[A-Za-z][0-9A-Za-z]*_[A-Za-z][0-9A-Za-z]{15}_[0-9A-Za-z]{49}", re.ASCII)
_ALPHABET = digits + ascii_letters
CHECKSUM = 6


def checksum(text: str) -> str:
    """CRC-32 in base 62, zero-padded."""
    number, written = zlib.crc32(text.encode()), ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        written = _ALPHABET[digit] + written
    return written.rjust(CHECKSUM, "0")


def has_right_checksum(token: str) -> bool:
    return token[-CHECKSUM:] == checksum(token[:-CHECKSUM])


def masked(token: str) -> str:
    """As much of a token as anybody may see."""
    return f"{token[:10]}…" if len(token) > 30 else "…"


def require_no_secret(words: str) -> str:
    """Refuse a whole token among the words of the command: they stand in the shell's history and in `ps`."""
    if _WHOLE.search(words):
        raise Misused(
            "That is a whole token. Never put one on the command line: it is kept in the shell's history and seen by "
            "others on this machine. Take this one for leaked and rotate it; give tokens by a file or by stdin."
        )
    return words
