"""What stands for a person in the address of their calendar. Pure.

It is random and long, so a plain hash of it gives nothing away; and long enough for the logs to mask it.
"""

import hashlib
import re
import secrets
from string import ascii_letters, digits

_ALPHABET = digits + ascii_letters
_LENGTH = 43  # log2(62 ** 43) = 256 bits
_SHAPE = re.compile(rf"[0-9A-Za-z]{{{_LENGTH}}}", re.ASCII)


def generate() -> str:
    """Make a new one."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def digest_of(address: str) -> bytes | None:
    """What is kept of it; None for what cannot be one. No I/O."""
    return hashlib.sha256(address.encode("ascii")).digest() if _SHAPE.fullmatch(address) else None
