"""The two codes of RFC 8628: the long one is the program's and stays with it, the short one is typed by a person."""

import hashlib
import secrets

# Consonants alone (RFC 8628, section 6.1): no word comes of them by chance, and no digit is taken for a letter.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8  # 34.5 bits, for ten minutes


def new_device_code() -> str:
    """The program's code, of 256 bits."""
    return secrets.token_urlsafe(32)


def new_user_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def digest_of(device_code: str) -> bytes:
    """What is kept of a program's code: as long as a key, it needs no slow hash."""
    return hashlib.sha256(device_code.encode(errors="replace")).digest()


def read(text: str) -> str:
    """A code as somebody has typed it: in any case, with or without what stands between."""
    return "".join(letter for letter in text[:64].upper() if letter in ALPHABET)


def written(user_code: str) -> str:
    """A code as people read it: in two halves."""
    return f"{user_code[:4]}-{user_code[4:]}"
