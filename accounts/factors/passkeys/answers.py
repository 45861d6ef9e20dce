"""What a browser answers for a passkey: read from JSON that anybody may have written, and checked by what was asked.

As Web Authentication Level 3 has it in section 7, where it leaves a choice: no attestation is asked for.
"""

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from fido2.cose import CoseKey
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from accounts.factors.passkeys.challenges import State
from accounts.factors.passkeys.party import server

LONGEST_ID = 1023  # bytes; section 7.1, step 25
# What code that takes bytes apart raises, where they are not what they should be.
_WRONG = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError, RecursionError),
    *(NotImplementedError, struct.error, UnsupportedAlgorithm),
)


class Refused(Exception):
    """The answer is none, or not one to what was asked. What is wrong is for the log."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey: its id and its public key with all that belongs to it, in base64url, and its count."""

    credential_id: str
    credential: str
    count: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a device has signed, not yet checked, and of which passkey it says that it is."""

    credential_id: str
    response: AuthenticationResponse

    @property
    def count(self) -> int:
        """How often the device says that it has signed with this passkey; 0 from those that do not count."""
        return int(self.response.response.authenticator_data.counter)

    @property
    def challenge(self) -> str:
        """What it says that it was asked to sign."""
        return websafe_encode(self.response.response.client_data.challenge)

    @property
    def handle(self) -> str | None:
        """Whose the device says that it is, as we have told it."""
        said = self.response.response.user_handle
        return websafe_encode(said) if said else None


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except _WRONG as error:
        raise Refused(f"{type(error).__name__}: {error}") from error


def made(text: str, state: State) -> Made:
    """Read what a browser says of a new passkey, and check it. Raises Refused."""
    with _reading():
        response = RegistrationResponse.from_dict(_parts(text, "clientDataJSON", "attestationObject"))
        _check_client(response.response.client_data)
        data = server().register_complete(state, response)
        new = data.credential_data
        _check_flags(data)
        if new is None or new.credential_id != response.raw_id or len(new.credential_id) > LONGEST_ID:
            raise Refused("no credential, or another one")
        if new.public_key.ALGORITHM not in CoseKey.supported_algorithms():
            raise Refused("a key of a kind that was not asked for")
        return Made(websafe_encode(new.credential_id), websafe_encode(new), data.counter)


def shown(text: str) -> Shown:
    """Read what a browser says of a passkey that it has. Raises Refused."""
    with _reading():
        parts = _parts(text, "clientDataJSON", "authenticatorData", "signature", "userHandle")
        response = AuthenticationResponse.from_dict(parts)
        return Shown(websafe_encode(response.raw_id), response)


def check(answer: Shown, state: State, credential: str) -> None:
    """Check what was signed against what was asked, by the passkey that we know. Raises Refused."""
    with _reading():
        _check_client(answer.response.response.client_data)
        _check_flags(answer.response.response.authenticator_data)
        known = AttestedCredentialData(websafe_decode(credential))
        server().authenticate_complete(state, [known], answer.response)


def _parts(text: str, *names: str) -> dict[str, Any]:
    """What we look at of an answer (section 5.1.8), all of it text; what else a browser adds is nothing to us."""
    said = json.loads(text)
    inner = {name: said["response"].get(name) for name in names}
    if not all(isinstance(each, str) for name, each in [*inner.items(), ("", said["rawId"])] if each is not None):
        raise Refused("not text")
    return {"rawId": said["rawId"], "type": "public-key", "response": inner}


def _check_client(client: CollectedClientData) -> None:
    if client.cross_origin is not False:
        raise Refused("asked from within a page of another site")


def _check_flags(data: AuthenticatorData) -> None:
    if data.is_backed_up() and not data.is_backup_eligible():
        raise Refused("a copy of what cannot be copied")
