"""How secrets rest that have to be read again: encrypted (AES-256-GCM) under a key that is derived from SECRET_KEY.

A copy of the database gives nobody the secrets. What was locked under an earlier value, in SECRET_KEY_FALLBACKS, can
still be read. Each purpose has a key of its own, so that what is locked for one opens nothing for another.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE = 12  # bytes, NIST SP 800-38D section 8.2.2: random ones do for 2 ** 32 secrets
KEY = 32  # bytes


class Unreadable(Exception):
    """The key under which a secret was encrypted is gone."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Locks and unlocks the secrets of one purpose."""

    purpose: bytes

    def lock(self, secret: str) -> str:
        """What to store of a secret."""
        nonce = token_bytes(NONCE)
        return urlsafe_b64encode(nonce + self._ring()[0].encrypt(nonce, secret.encode(), self.purpose)).decode()

    def unlock(self, kept: str) -> str:
        """The secret again. Raises Unreadable."""
        try:
            sealed = urlsafe_b64decode(kept)
        except ValueError as error:
            raise Unreadable from error
        for cipher in self._ring():
            with suppress(InvalidTag, ValueError):  # ValueError: it is too short to be any
                return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], self.purpose).decode()
        raise Unreadable

    def relock(self, kept: str) -> str:
        """What to store of the same secret under today's SECRET_KEY. Raises Unreadable."""
        return self.lock(self.unlock(kept))

    def _ring(self) -> tuple[AESGCM, ...]:
        return _ring_of(self.purpose, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(8)
def _ring_of(purpose: bytes, keys: tuple[str, ...]) -> tuple[AESGCM, ...]:
    return tuple(AESGCM(_derived(purpose, key)) for key in keys)


def _derived(purpose: bytes, key: str) -> bytes:
    return HKDF(SHA256(), KEY, salt=None, info=purpose + b", AES-256-GCM").derive(key.encode())
