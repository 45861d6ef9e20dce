"""How a message is signed (https://www.standardwebhooks.com); the secret that signs is kept encrypted."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from datetime import datetime

from accounts.sealing import Seal

PREFIX, LENGTH = "whsec_", 32  # bytes
_SEAL = Seal(b"tokenportal: secrets of webhooks")
lock, unlock, relock = _SEAL.lock, _SEAL.unlock, _SEAL.relock


def generate() -> str:
    """Make the secret of an address."""
    return PREFIX + b64encode(secrets.token_bytes(LENGTH)).decode()


def headers_for(secret: str, message_id: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """The headers by which a receiver knows a message, and that it came from here just now."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    mac = hmac.new(b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
    signature = f"v1,{b64encode(mac).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
