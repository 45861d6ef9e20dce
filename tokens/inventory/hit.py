"""The tokens that a change of settings would shorten or revoke, as a file like that of the inventory."""

from collections.abc import Iterator
from itertools import islice

from accounts.spreadsheets import BOM, written
from policies.hits import Hit, hits
from policies.preview import Preview
from tokens.inventory.export import CHUNK, moment

COLUMNS = (
    "token_id",
    "lookup_id",
    "purpose",
    "owner",
    "sign_in",
    "email",
    "last_used_at",
    "expires_at",
    "new_expires_at",
    "revoked",
)


def lines(seen: Preview) -> Iterator[str]:
    """The file, a chunk at a time, the tokens that were used last first."""
    yield BOM + written([COLUMNS])
    found = hits(seen)
    while chunk := list(islice(found, CHUNK)):
        yield written(_cells(hit, moment(seen.takes_effect_at)) for hit in chunk)


def _cells(hit: Hit, takes_effect: str) -> list[object]:
    token = hit.token
    return [
        token.pk,
        token.lookup_id,
        token.purpose,
        token.owner,
        token.sign_in,
        token.email,
        moment(token.last_used_at),
        moment(token.expires_at),
        moment(hit.new_end),
        "" if hit.new_end else takes_effect,
    ]
