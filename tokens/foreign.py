"""Tokens of another system that were brought here: found and checked by their SHA-256, as it was brought. Pure.

What such strings look like, the setting FOREIGN_TOKENS says; without it none is taken for one. They are random and
long, so a plain hash of them gives nothing away, as with the tags of our own. The lookup id is made of the hash, so
that the one statement that finds our own tokens finds these too.
"""

import hashlib
import re
from functools import cache
from string import ascii_letters, digits

from django.conf import settings

# Stands where our own tokens name the key of their tag.
KEY = "sha256"
_ALPHABET = digits + ascii_letters
_LOOKUP_LENGTH = 16
SHORTEST, LONGEST = 20, 512  # characters; what is shorter could be guessed


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![0-9A-Za-z])(?:{pattern})(?![0-9A-Za-z])", re.ASCII)


def shape() -> re.Pattern[str] | None:
    """What they look like, standing by itself in a text; None where none are taken."""
    return _compiled(settings.FOREIGN_TOKENS) if settings.FOREIGN_TOKENS else None


def is_one(text: str) -> bool:
    """Whether the text is a string of that shape and nothing else. No I/O."""
    pattern = shape()
    return (
        pattern is not None
        and SHORTEST <= len(text) <= LONGEST
        and text.isascii()
        and pattern.fullmatch(text) is not None
    )


def digest_of(text: str) -> bytes:
    """The SHA-256 of a string that `is_one`."""
    return hashlib.sha256(text.encode("ascii")).digest()


def lookup_of(digest: bytes) -> str:
    """The lookup id of a token with this hash: a letter and fifteen letters or digits, 89 bits of it."""
    rest = int.from_bytes(digest[1:], "big")
    found = ascii_letters[digest[0] % len(ascii_letters)]
    for _place in range(_LOOKUP_LENGTH - 1):
        rest, place = divmod(rest, len(_ALPHABET))
        found += _ALPHABET[place]
    return found


def mask(text: str) -> str:
    """The text without the strings of that shape in it."""
    pattern = shape()
    return text if pattern is None else pattern.sub("…", text)
