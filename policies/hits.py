"""Which tokens a change would shorten or revoke, one by one, by the judgement that counts them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Account
from accounts.roles import Permission
from accounts.tree import is_within
from policies.holdings import Listed, Treated, listed_of
from policies.preview import Preview


@dataclass(frozen=True, slots=True)
class Hit:
    """A token, and the end that it comes to; None where it is revoked when the change takes effect."""

    token: Listed
    new_end: datetime | None


def may_list(seen: Preview, account: Account) -> bool:
    """Whether whoever the preview of a change of `account` is for may see whose tokens these are."""
    viewer = seen.reach.viewer
    return viewer is None or is_within(account.path, viewer.standing.accounts_with(Permission.TOKENS_VIEW))


def first_hits(seen: Preview, account: Account, *, most: int) -> list[Hit]:
    """Those that were used last, as far as `may_list` says that they may be seen."""
    return list(hits(seen, most=most)) if seen.tokens.hit and may_list(seen, account) else []


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
