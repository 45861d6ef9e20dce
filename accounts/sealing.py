"""How secrets rest that have to be read again: encrypted under a key that is derived from SECRET_KEY.

A copy of the database gives nobody the secrets. What was locked under an earlier value, in SECRET_KEY_FALLBACKS, can
still be read. Each purpose has a key of its own, so that what is locked for one opens nothing for another.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """The key under which a secret was encrypted is gone."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Locks and unlocks the secrets of one purpose."""

    purpose: bytes

    def lock(self, secret: str) -> str:
        """What to store of a secret."""
        return self._ring().encrypt(secret.encode()).decode()

    def unlock(self, kept: str) -> str:
        """The secret again. Raises Unreadable."""
        try:
            return self._ring().decrypt(kept.encode()).decode()
        except InvalidToken as error:
            raise Unreadable from error

    def relock(self, kept: str) -> str:
        """What to store of the same secret under today's SECRET_KEY. Raises Unreadable."""
        try:
            return self._ring().rotate(kept.encode()).decode()
        except InvalidToken as error:
            raise Unreadable from error

    def _ring(self) -> MultiFernet:
        return _ring_of(self.purpose, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(8)
def _ring_of(purpose: bytes, keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(_derived(purpose, key))) for key in keys])


def _derived(purpose: bytes, key: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(key.encode())
