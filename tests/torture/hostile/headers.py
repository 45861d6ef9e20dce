"""The `Authorization` header with every byte at every place, and what of that is still the same credential."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass

BYTES = 256
# Whole headers that no change of one byte comes to. `%` stands for the good header, `@` for the credential in it.
WHOLE = (
    b"",
    b" ",
    b"@",
    b"Bearer",
    b"Bearer ",
    b"bEaReR     @",
    b"Bearer\t@",
    b"Bearer \t@",
    b"Bearer  @ ",
    b"Bearer\xa0@",
    b"Bearer\x0b@",
    b"Bearer=@",
    b"Bearer,@",
    b'Bearer "@"',
    b"Bearer token=@",
    b"Bearer @ @",
    b"Bearer @,@",
    b"% , %",
    b"%,%",
    b"%, Basic eDp5",
    b"Basic eDp5, %",
    b"%\r\n %",
    b"%\n",
    b"%\r\n",
    b"\r\n %",
    b"Bearer\r\n @",
    b"%\x00",
    b"\xef\xbb\xbf%",
    b"Bearer: @",
    b"Token @",
    b"Basic @",
    b"Digest @",
    b"Bearer Bearer @",
    b"Basic Basic @",
    b"%" + b"=" * 4,
    b"%" * 200,
    b"Bearer " + b"a" * 100_000,
    b"Basic " + b"QQ" * 100_000,
    b" " * 100_000 + b"%",
    b"Bearer" + b" " * 100_000 + b"@",
    b"\xff" * 8000,
    bytes(range(256)),
)


@dataclass(frozen=True)
class Credential:
    """A header that lets its holder in, and the tokens of the grammar that it is made of (RFC 9110, section 11.4)."""

    scheme: bytes
    credential: bytes

    @property
    def header(self) -> bytes:
        return self.scheme + b" " + self.credential

    def is_in(self, header: bytes) -> bool:
        """Whether `header` says the same: the scheme in any case, one or more spaces, to the byte what follows."""
        scheme, _space, rest = header.partition(b" ")
        return scheme.lower() == self.scheme.lower() and rest.lstrip(b" ") == self.credential

    @property
    def whole(self) -> Iterator[bytes]:
        """What of WHOLE there is with it."""
        for text in WHOLE:
            yield text.replace(b"%", self.header).replace(b"@", self.credential)


def bearer(secret: str) -> Credential:
    return Credential(b"Bearer", secret.encode())


def basic(name: str, secret: str) -> Credential:
    return Credential(b"Basic", base64.b64encode(f"{name}:{secret}".encode()))


# A change of one place, by a byte.
Change = Callable[[bytes, int, int], bytes]
_BY_BYTE: dict[str, Change] = {
    "replace": lambda header, at, byte: header[:at] + bytes([byte]) + header[at + 1 :],
    "insert": lambda header, at, byte: header[:at] + bytes([byte]) + header[at:],
}
_BY_PLACE: dict[str, Change] = {
    "delete": lambda header, at, _byte: header[:at] + header[at + 1 :],
    "duplicate": lambda header, at, _byte: header[:at] + header[at : at + 1] + header[at:],
    "cut": lambda header, at, _byte: header[:at],
    "turn": lambda header, at, _byte: header[:at] + header[at + 1 : at + 2] + header[at : at + 1] + header[at + 2 :],
}


def changed(good: Credential) -> Iterator[bytes]:
    """Every header that one change of `good` makes: each byte at each place, and one more behind the last."""
    header = good.header
    for at in range(len(header) + 1):
        for change in _BY_PLACE.values():
            yield change(header, at, 0)
        for byte in range(BYTES):
            for change in _BY_BYTE.values():
                yield change(header, at, byte)


def count(good: Credential) -> int:
    """How many `changed` gives."""
    return (len(good.header) + 1) * (len(_BY_PLACE) + BYTES * len(_BY_BYTE))
