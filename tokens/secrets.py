"""What a token string looks like, and what of it is kept.

    tpat_AbCdEfGh12345678_<43 base-62 characters><6 base-62 characters of CRC-32>

The lookup id between the underscores is not secret: it is the index key and what people and logs see. The CRC is a
typo and scanner filter, not a MAC. At rest stand an HMAC-SHA-256 tag, which decides every request, and an Argon2id
verifier, which needs no server key and is asked only when the key of a tag has been retired.
"""

import hashlib
import hmac
import logging
import re
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from string import ascii_letters, digits
from typing import Any, NamedTuple

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from django.conf import settings

from tokens import foreign

ALPHABET = digits + ascii_letters
LOOKUP_LENGTH = 16
SECRET_LENGTH = 43  # log2(62 ** 43) = 256 bits
CHECKSUM_LENGTH = 6  # 62 ** 6 > 2 ** 32
# The most that a stored verifier may ask for; a row that someone tampered with must not exhaust the server.
MAX_MEMORY_KIB = 64 * 1024
MAX_TIME_COST = 4
MAX_PARALLELISM = 4


class Presented(NamedTuple):
    """A string of the right shape and checksum. `text` is the secret: never log or store it."""

    lookup_id: str
    text: str

    def __repr__(self) -> str:
        return f"<Presented {self.lookup_id}>"


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is stored of a token string."""

    lookup_id: str
    tag: bytes
    tag_key: str
    verifier: str = field(repr=False)


def generate(prefix: str | None = None) -> Presented:
    """Make a new token string."""
    lookup_id = secrets.choice(ascii_letters) + _random(LOOKUP_LENGTH - 1)
    body = f"{prefix or settings.TOKEN_PREFIX}_{lookup_id}_{_random(SECRET_LENGTH)}"
    return Presented(lookup_id, body + checksum(body))


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


_PAIRS = ["".join(pair) for pair in product(ALPHABET, repeat=2)]


def checksum(body: str) -> str:
    """CRC-32 of all that stands before it, in base 62."""
    rest, last = divmod(zlib.crc32(body.encode("ascii")), len(_PAIRS))
    first, middle = divmod(rest, len(_PAIRS))
    return _PAIRS[first] + _PAIRS[middle] + _PAIRS[last]


@cache
def shape(prefix: str) -> re.Pattern[str]:
    """The regular expression that finds our tokens, for us and for a school's secret scanners."""
    tail = SECRET_LENGTH + CHECKSUM_LENGTH
    return re.compile(rf"{re.escape(prefix)}_([A-Za-z][0-9A-Za-z]{{{LOOKUP_LENGTH - 1}}})_[0-9A-Za-z]{{{tail}}}")


def parse(text: str, prefix: str | None = None) -> Presented | None:
    """Read a token string; None unless prefix, shape and checksum are right. No I/O.

    Where no prefix is asked for, a token that was brought from another system will do as well.
    """
    match = shape(prefix or settings.TOKEN_PREFIX).fullmatch(text)
    if match is None and prefix is None and foreign.is_one(text):
        return Presented(foreign.lookup_of(foreign.digest_of(text)), text)
    if match is None or checksum(text[:-CHECKSUM_LENGTH]) != text[-CHECKSUM_LENGTH:]:
        return None
    return Presented(match[1], text)


def found_in(text: str) -> bool:
    """Whether `text` holds something of the shape of a token or of a service's secret, whatever its checksum."""
    patterns = (shape(settings.TOKEN_PREFIX), shape(settings.VERIFIER_PREFIX), foreign.shape())
    return any(pattern is not None and pattern.search(text) for pattern in patterns)


def keep(presented: Presented) -> Kept:
    """What to store. Takes the time of one Argon2id hash (some 20 ms)."""
    tag_key, tag = tag_of(presented)
    return Kept(presented.lookup_id, tag, tag_key, _hasher().hash(presented.text))


def unknown() -> tuple[str, str, bytes]:
    """What to store where there is no secret yet: a lookup id, and a tag, with its key, that belongs to no text."""
    lookup_id = secrets.choice(ascii_letters) + _random(LOOKUP_LENGTH - 1)
    return lookup_id, next(iter(settings.TOKEN_KEYS)), secrets.token_bytes(hashlib.sha256().digest_size)


def tag_of(presented: Presented, key_id: str | None = None) -> tuple[str, bytes]:
    """The HMAC tag under the key `key_id`, by default the primary one, with that key's id.

    By the name of `foreign.KEY` it is the plain SHA-256 by which a token of another system is known.
    """
    if key_id == foreign.KEY:
        return key_id, foreign.digest_of(presented.text)
    ring: Mapping[str, bytes] = settings.TOKEN_KEYS
    key_id = next(iter(ring)) if key_id is None else key_id
    mac = _keyed(ring[key_id]).copy()
    mac.update(presented.text.encode("ascii"))
    return key_id, mac.digest()


@cache
def _keyed(key: bytes) -> hmac.HMAC:
    """An HMAC that has taken in the key."""
    return hmac.new(key, digestmod=_sha256)


def _sha256(data: bytes = b"") -> Any:
    """SHA-256 under a name that hmac does not know, or it would use OpenSSL's HMAC: that costs three times as much."""
    return hashlib.sha256(data)


def is_key_good(key_id: str) -> bool:
    """Whether tags under this key still decide."""
    return key_id == foreign.KEY or (key_id in settings.TOKEN_KEYS and key_id not in settings.TOKEN_KEYS_RETIRED)


def is_key_outgoing(key_id: str) -> bool:
    """Whether tags under this key, which still decide, are to be made anew under the primary one."""
    return key_id in settings.TOKEN_KEYS_OUTGOING


def tag_matches(presented: Presented, tag: bytes, key_id: str) -> bool:
    """Compare in constant time with the stored tag, whose key must be good."""
    return hmac.compare_digest(tag_of(presented, key_id)[1], tag)


_NO_TAG = bytes(hashlib.sha256().digest_size)


def compare_with_nothing(presented: Presented) -> None:
    """Take as long as `tag_matches` takes, for a lookup id that does not exist."""
    hmac.compare_digest(tag_of(presented)[1], _NO_TAG)


def verifier_matches(presented: Presented, verifier: str) -> bool:
    """Ask Argon2id. False for a wrong token, and for a stored row that asks for more than the ceiling."""
    try:
        asked = extract_parameters(verifier)
        if asked.memory_cost > MAX_MEMORY_KIB or asked.time_cost > MAX_TIME_COST or asked.parallelism > MAX_PARALLELISM:
            return False
        return _hasher().verify(verifier, presented.text)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    cost: dict[str, int] = settings.TOKEN_ARGON2
    return PasswordHasher(cost["time_cost"], cost["memory_cost"], cost["parallelism"])


class MaskSecrets(logging.Filter):
    """Leaves only the lookup id of any token in a log record: message, arguments, tracebacks, whatever it carries."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; let all of them pass."""
        record.msg, record.args = _message(record), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        for name, value in vars(record).items():
            if isinstance(value, str):
                setattr(record, name, mask(value))
        return True


def _message(record: logging.LogRecord) -> str:
    """The message; where its arguments do not fit, both as they are, or the handler would print them unmasked."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args!r}"


# A secret that lost its prefix, or whose underscores someone encoded.
_BARE = re.compile(rf"[0-9A-Za-z]{{{SECRET_LENGTH - 3},}}")

# What webhooks are signed with, by the beginning that the standard gives it.
_OF_WEBHOOKS = re.compile(r"(whsec_)[0-9A-Za-z+/=]{8,}")


@cache
def _carriers(*prefixes: str) -> re.Pattern[str]:
    """What begins like a token, also one that is cut off."""
    names = "|".join(re.escape(prefix) for prefix in prefixes)
    return re.compile(rf"((?:{names})_[A-Za-z][0-9A-Za-z]{{{LOOKUP_LENGTH - 1}}}_)[0-9A-Za-z]+")


def mask(text: str) -> str:
    """Replace the secret part of every token, every verifier's and every webhook's secret in `text`."""
    carriers = _carriers(settings.TOKEN_PREFIX, settings.VERIFIER_PREFIX)
    return _BARE.sub("…", _OF_WEBHOOKS.sub(r"\1…", carriers.sub(r"\1…", foreign.mask(text))))
