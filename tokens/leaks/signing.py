"""Did a secret scanner that we know sign this body? ECDSA over P-256 with SHA-256, as GitHub signs its reports.

https://docs.github.com/code-security/secret-scanning/secret-scanning-partner-program
"""

import base64
import binascii
from functools import cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings


def is_signed(body: bytes, key_id: str, signature: str) -> bool:
    """Whether the key of this name, which must be among those in `settings.LEAK_KEYS`, has signed exactly this."""
    pem = settings.LEAK_KEYS.get(key_id)
    key = _key(pem) if pem else None
    if key is None:
        return False
    try:
        key.verify(base64.b64decode(signature, validate=True), body, ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


@cache
def _key(pem: str) -> EllipticCurvePublicKey | None:
    """The key; None for what is none, or none of this curve."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1) else None
