"""What of our tokens stands in a text that somebody pasted or reported: whole strings, hints, lookup ids. Pure."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from django.conf import settings

from tokens import foreign, secrets
from tokens.secrets import CHECKSUM_LENGTH, LOOKUP_LENGTH, SECRET_LENGTH, Presented

MOST = 50  # fragments of one text
_SHORTEST = 5  # characters of a lookup id, as hints have them
_TAIL = SECRET_LENGTH + CHECKSUM_LENGTH
# A lookup id by itself, as logs and the API name it, and a text that is nothing but the beginning of one.
_BARE = re.compile(rf"(?<![0-9A-Za-z_])[A-Za-z][0-9A-Za-z]{{{LOOKUP_LENGTH - 1}}}(?![0-9A-Za-z_])", re.ASCII)
_BEGINNING = re.compile(rf"([A-Za-z][0-9A-Za-z]{{{_SHORTEST - 1},{LOOKUP_LENGTH - 1}}})[….]*", re.ASCII)


class Fragment(NamedTuple):
    """A lookup id or its beginning; `presented` is the whole string, secret and all, where that stands there."""

    lookup: str
    presented: Presented | None = None
    is_of_service: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is a whole lookup id."""
        return len(self.lookup) == LOOKUP_LENGTH


def fragments_of(text: str) -> list[Fragment]:
    """All that stands in a text, each once: where its secret stands there too, with that. At most MOST."""
    found: dict[tuple[str, str], Fragment] = {}
    for each in _all(text):
        found.setdefault((each.lookup, each.presented.text if each.presented else ""), each)
    shown = {lookup for lookup, secret in found if secret}
    return [each for (lookup, secret), each in found.items() if secret or lookup not in shown][:MOST]


def _all(text: str) -> Iterator[Fragment]:
    whole = _BEGINNING.fullmatch(text.strip())
    if whole:
        yield Fragment(whole[1])
    for match in _prefixed(settings.TOKEN_PREFIX, settings.VERIFIER_PREFIX).finditer(text):
        prefix, lookup, tail = match.groups()
        presented = secrets.parse(f"{prefix}_{lookup}_{tail}", prefix) if tail else None
        yield Fragment(lookup, presented, prefix == settings.VERIFIER_PREFIX)
    pattern = foreign.shape()
    for match in pattern.finditer(text) if pattern else ():
        if (presented := secrets.parse(match[0])) is not None:
            yield Fragment(presented.lookup_id, presented)
    for match in _BARE.finditer(text):
        yield Fragment(match[0])


@cache
def _prefixed(*prefixes: str) -> re.Pattern[str]:
    """What begins as our strings do, also one that is cut off or masked."""
    names = "|".join(re.escape(prefix) for prefix in prefixes)
    lookup = rf"[A-Za-z][0-9A-Za-z]{{{_SHORTEST - 1},{LOOKUP_LENGTH - 1}}}"
    return re.compile(rf"(?<![0-9A-Za-z])({names})_({lookup})(?:_([0-9A-Za-z]{{{_TAIL}}})(?![0-9A-Za-z]))?", re.ASCII)
