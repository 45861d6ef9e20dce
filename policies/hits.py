"""Which tokens a change would shorten or revoke, one by one, by the judgement that counts them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from policies.holdings import Listed, Treated, listed_of
from policies.preview import Preview


@dataclass(frozen=True, slots=True)
class Hit:
    """A token, and the end that it comes to; None where it is revoked when the change takes effect."""

    token: Listed
    new_end: datetime | None


def hits(seen: Preview, *, most: int | None = None) -> Iterator[Hit]:
    """The tokens that a preview counts, the last used first: SQL narrows, the decision says what becomes of each."""
    reach = seen.reach
    treated = {
        shape: Treated(reach.ending.limit(verdict), reach.revokes(verdict)) for shape, verdict in reach.verdicts.items()
    }
    for token in listed_of(reach.census, treated, at=seen.takes_effect_at, most=most):
        verdict = reach.verdicts[token.shape]
        if reach.revokes(verdict):
            yield Hit(token, None)
        else:
            yield Hit(token, reach.ending.new_end(verdict, token.pk, token.expires_at))
