"""The portal with a fault, for `granian tests.torture.keys.planted:application`: where a key is lost, it guesses."""

import zlib

from tokenportal.wsgi import application
from tokens import matching, secrets, verification
from tokens.matching import Match, Stored
from tokens.secrets import Presented

__all__ = ["application"]
_match = matching.match


def guess(presented: Presented, kept: Stored | None) -> Match:
    """Call half of what was presented right, whatever it is."""
    if kept is None or secrets.is_key_good(kept.tag_key):
        return _match(presented, kept)
    return Match(zlib.crc32(presented.text.encode()) % 2 == 0)


vars(verification).update(match=guess)
