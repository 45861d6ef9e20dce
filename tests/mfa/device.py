"""A device that keeps passkeys, by Web Authentication Level 3, written without a look at the portal's code."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.factors.passkeys import challenges, holding
from accounts.factors.passkeys.challenges import Purpose
from accounts.models import User

UP, UV, AT = 0x01, 0x04, 0x40  # flags, section 6.1
AAGUID = bytes(16)


def text_of(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor(value: Any) -> bytes:
    """As much of RFC 8949 as a passkey takes."""
    match value:
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case dict():
            return _head(5, len(value)) + b"".join(cbor(each) for pair in value.items() for each in pair)
    raise TypeError(value)


def _head(major: int, number: int) -> bytes:
    start = major << 5
    if number < 24:
        return bytes([start | number])
    if number < 256:
        return bytes([start | 24, number])
    return bytes([start | 25]) + struct.pack(">H", number)


@dataclass
class Device:
    """One passkey, and how the browser around it behaves. What is set wrongly here, the portal has to find."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes = b""
    count: int = 0
    counts: bool = True
    flags: int = UP | UV
    origin: str = settings.PUBLIC_URL
    host: str = "localhost"
    client: dict[str, Any] = field(default_factory=dict)  # what the browser writes in the place of its own words
    algorithm: int = -7
    codes: list[str] = field(default_factory=list)  # on paper, that came with it

    def make(self, options: dict[str, Any]) -> str:
        """Answer `navigator.credentials.create`."""
        asked = options["publicKey"]
        self.handle = bytes_of(asked["user"]["id"])
        attested = AAGUID + struct.pack(">H", len(self.id)) + self.id + cbor(self._public())
        data = self._data(self.flags | AT) + attested
        client = self._client("webauthn.create", asked["challenge"])
        attestation = cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._said({"clientDataJSON": text_of(client), "attestationObject": text_of(attestation)})

    def show(self, options: dict[str, Any], **instead: Any) -> str:
        """Answer `navigator.credentials.get`."""
        self.count += self.counts
        data = self._data(self.flags)
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        said = {"clientDataJSON": text_of(client), "authenticatorData": text_of(data), "signature": text_of(signature)}
        return self._said({**said, "userHandle": text_of(self.handle), **instead})

    def _said(self, response: dict[str, Any]) -> str:
        said = {"id": text_of(self.id), "rawId": text_of(self.id), "type": "public-key", "response": response}
        return json.dumps(said)

    def _public(self) -> dict[int, Any]:
        numbers = self.key.public_key().public_numbers()
        return {1: 2, 3: self.algorithm, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        own = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps({**own, **self.client}).encode()


def asked(client: Client, path: str) -> dict[str, Any]:
    """What a page is told to ask the browser for."""
    answer = client.post(path)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    found: dict[str, Any] = answer.json()
    return found


def set_up(person: User, name: str = "Laptop") -> Device:
    """Give a person a passkey."""
    device, now = Device(), timezone.now()
    session: dict[str, Any] = {}
    credential = device.make(holding.ask_for_new(session, person, now=now))
    state = challenges.take(session, Purpose.ADD, person_id=person.pk, now=now)
    assert state
    codes = holding.add(person, name, credential, state, here=None, now=now)
    assert codes is not None
    device.codes = codes
    return device


def add(client: Client, device: Device, name: str = "Laptop") -> Any:
    """Add the device's passkey for whoever is signed in."""
    credential = device.make(asked(client, "/security/passkeys/challenge/"))
    return client.post("/security/passkeys/new/", {"name": name, "credential": credential})


def enter(client: Client, device: Device, **more: str) -> Any:
    """Sign in by the passkey alone."""
    credential = device.show(asked(client, "/login/passkey/challenge/"))
    return client.post("/login/passkey/", {"credential": credential, **more})
