"""How a message is signed (https://www.standardwebhooks.com), and how the secret that signs is kept: encrypted.

The key is derived from SECRET_KEY, so that a copy of the database gives nobody the secrets. Under an earlier value in
SECRET_KEY_FALLBACKS they can still be read.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from datetime import datetime
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PREFIX, LENGTH = "whsec_", 32  # bytes
_PURPOSE = b"tokenportal: secrets of webhooks"


class Unreadable(Exception):
    """The key under which a secret was encrypted is gone."""


def generate() -> str:
    """Make the secret of an address."""
    return PREFIX + b64encode(secrets.token_bytes(LENGTH)).decode()


def lock(secret: str) -> str:
    """What to store of a secret."""
    return _ring().encrypt(secret.encode()).decode()


def unlock(kept: str) -> str:
    """The secret again. Raises Unreadable."""
    try:
        return _ring().decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def relock(kept: str) -> str:
    """What to store of the same secret under today's SECRET_KEY. Raises Unreadable."""
    try:
        return _ring().rotate(kept.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def headers_for(secret: str, message_id: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """The headers by which a receiver knows a message, and that it came from here just now."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    mac = hmac.new(b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
    signature = f"v1,{b64encode(mac).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


def _ring() -> MultiFernet:
    return _ring_of((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(4)
def _ring_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(key.encode())
